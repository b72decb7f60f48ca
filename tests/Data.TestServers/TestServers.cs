using PrivateServers;
using PrivateServers.Binaries;

namespace Data.TestServers;

/// <summary>
/// What a test does about a server that is not installed: it fails where CI=true, and is skipped with the reason elsewhere.
/// </summary>
public static class TestServers
{
    /// <summary>The words by which xunit.v3 takes an exception for a skip.</summary>
    private const string SkipToken = "$XunitDynamicSkip$";

    /// <summary>Whether a missing server is a failure: the environment variable CI says true.</summary>
    public static bool MissingFails => string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Skips the test, or fails it on CI, when a server's program is missing. The servers' own start methods do this too.
    /// </summary>
    /// <param name="servers">The servers that the test needs.</param>
    public static void Require(params ReadOnlySpan<ServerKind> servers)
    {
        foreach (var server in servers)
        {
            try
            {
                _ = server switch
                {
                    ServerKind.Postgres => ServerBinaries.PostgresFolder(),
                    ServerKind.Redis => ServerBinaries.Redis(),
                    ServerKind.Chroma => ServerBinaries.Node("chroma") + ServerBinaries.ChromaModule(),
                    ServerKind.Nats => ServerBinaries.Nats(),
                    ServerKind.PgBouncer => ServerBinaries.PgBouncer(),
                    ServerKind.PgVector => ServerBinaries.Node("pgvector") + ServerBinaries.PgVectorHome(),
                    _ => throw new ArgumentOutOfRangeException(nameof(servers), server, "Unknown server."),
                };
            }
            catch (ServerMissingException e) when (!MissingFails)
            {
                throw Skip(e);
            }
        }
    }

    /// <summary>Starts a server, turning its absence into a skip where that is right.</summary>
    internal static async Task<T> StartAsync<T>(Func<Task<T>> start)
    {
        try
        {
            return await start().ConfigureAwait(false);
        }
        catch (ServerMissingException e) when (!MissingFails)
        {
            throw Skip(e);
        }
    }

    private static ServerMissingException Skip(ServerMissingException missing) => new(SkipToken + missing.Message, missing);
}
