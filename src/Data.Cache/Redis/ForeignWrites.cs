using System.Text.RegularExpressions;
using StackExchange.Redis;

namespace Data.Cache.Redis;

/// <summary>Has Redis tell this node about every key of a value that changes, whoever writes it.</summary>
/// <remarks>
/// Client tracking in broadcast mode. In RESP2 the messages go to the connection that the client subscribes with, so that a loss of either
/// connection is a loss of the link, and tracking starts anew with it. A cluster would need one such pair per primary, and the client
/// subscribes to one.
/// </remarks>
internal sealed partial class ForeignWrites(RedisKeys keys, Action<string?> onChanged, TimeSpan deadline, TimeProvider time)
{
    private static readonly RedisChannel Channel = RedisChannel.Literal("__redis__:invalidate");

    // The client subscribes anew by itself; a second handler would see each message twice.
    private IConnectionMultiplexer? _subscribed;

    /// <summary>
    /// Sets what tracking needs of a connection: a name that no other has, the protocol that redirects messages, and leave to send CLIENT.
    /// </summary>
    public static void Prepare(ConfigurationOptions configuration)
    {
        // The client refuses CLIENT otherwise (3.4.35; 2.13.23 does not).
        configuration.AllowAdmin = true;
        configuration.ClientName += "-" + Guid.NewGuid().ToString("N");
        configuration.Protocol = RedisProtocol.Resp2;
    }

    /// <summary>Starts tracking on a connection. Returns why Redis does not do it; null when it does.</summary>
    /// <exception cref="RedisException">Redis does not answer.</exception>
    /// <exception cref="TimeoutException">Redis does not answer in time.</exception>
    public async Task<string?> StartAsync(IConnectionMultiplexer multiplexer, CancellationToken cancellationToken)
    {
        if (keys.IsCluster)
            return "tracking: cluster";
        if (_subscribed != multiplexer)
        {
            await multiplexer.GetSubscriber().SubscribeAsync(Channel, Receive).WaitAsync(deadline, time, cancellationToken)
                .ConfigureAwait(false);
            _subscribed = multiplexer;
        }

        var server = Array.Find(multiplexer.GetServers(), static server => server is { IsConnected: true, IsReplica: false });
        if (server is null)
            return "tracking: no primary";
        try
        {
            var list = (string?)await AskAsync(server, "LIST", "TYPE", "pubsub").ConfigureAwait(false);
            var name = $" name={multiplexer.ClientName} ";
            var line = list?.Split('\n').FirstOrDefault(line => line.Contains(name, StringComparison.Ordinal));
            if (line is null || Id().Match(line) is not { Success: true } id)
                return "tracking: no subscription";

            // Prefixes of an earlier start on this connection would overlap with the new one.
            await AskAsync(server, "TRACKING", "OFF").ConfigureAwait(false);
            await AskAsync(
                server,
                "TRACKING",
                "ON",
                "REDIRECT",
                id.Groups["id"].Value,
                "BCAST",
                "PREFIX",
                keys.ValuePrefix(),
                "NOLOOP").ConfigureAwait(false);
            return null;
        }
        catch (Exception exception) when (exception is RedisServerException or RedisCommandException)
        {
            return "tracking: " + RedisFailures.Describe(exception);
        }

        Task<RedisResult> AskAsync(IServer server, params object[] words) =>
            server.ExecuteAsync("CLIENT", words).WaitAsync(deadline, time, cancellationToken);
    }

    // A message without a key says that all keys are gone.
    private void Receive(RedisChannel channel, RedisValue key)
    {
        if (key.IsNull)
            onChanged(null);
        else if (keys.TryFullName((string)key!, out var name))
            onChanged(name);
    }

    [GeneratedRegex(@"^id=(?<id>\d+) ", RegexOptions.ExplicitCapture)]
    private static partial Regex Id();
}
