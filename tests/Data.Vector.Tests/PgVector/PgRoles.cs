using Data.TestServers;
using Npgsql;

namespace Data.Vector.Tests.PgVector;

/// <summary>
/// A server with logins that are no superusers. All connections share one session, so it is not the one of the other tests.
/// </summary>
public sealed class PgRoles : IAsyncLifetime
{
    public PgVectorServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await PgVectorServer.StartAsync();
        await AsSuperuserAsync(
            "CREATE EXTENSION vector",
            "CREATE ROLE owner NOSUPERUSER LOGIN",
            "CREATE ROLE app NOSUPERUSER LOGIN",
            "CREATE ROLE reader NOSUPERUSER LOGIN");
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    /// <summary>A data source of a role; the session keeps it until another one takes over.</summary>
    public NpgsqlDataSource As(string role) => Server.NewDataSource($"SET SESSION AUTHORIZATION {role}");

    public async Task AsSuperuserAsync(params string[] statements)
    {
        await using var superuser = As("postgres");
        await ScalarAsync(superuser, "SELECT 1");
        foreach (var statement in statements)
            await ScalarAsync(superuser, statement);
    }

    public static async Task<object?> ScalarAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
