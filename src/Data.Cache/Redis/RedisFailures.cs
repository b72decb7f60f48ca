using StackExchange.Redis;

namespace Data.Cache.Redis;

/// <summary>Tells errors that speak of the link from errors that speak of one command.</summary>
internal static class RedisFailures
{
    private static readonly string[] ServerAway =
        ["LOADING", "CLUSTERDOWN", "MASTERDOWN", "READONLY", "NOAUTH", "WRONGPASS", "NOPERM", "TRYAGAIN", "UNKILLABLE", "BUSY"];

    /// <summary>Whether the breaker counts it.</summary>
    public static bool IsLinkFailure(Exception? exception) => exception switch
    {
        null => false,
        TimeoutException or RedisConnectionException or ObjectDisposedException => true,
        RedisServerException server => Array.Exists(ServerAway, prefix => server.Message.StartsWith(prefix, StringComparison.Ordinal)),
        OperationCanceledException => false,
        _ => exception is RedisException,
    };
}
