using StackExchange.Redis;

namespace Data.Cache.Redis;

/// <summary>Distinguishes failures of the link from failures of a single command.</summary>
internal static class RedisFailures
{
    private static readonly string[] LinkFailures =
        ["LOADING", "CLUSTERDOWN", "MASTERDOWN", "READONLY", "NOAUTH", "WRONGPASS", "NOPERM", "TRYAGAIN", "UNKILLABLE", "BUSY"];

    /// <summary>Returns whether the breaker counts the failure.</summary>
    public static bool IsLinkFailure(Exception? exception) => exception switch
    {
        null => false,
        TimeoutException or RedisConnectionException or ObjectDisposedException => true,
        RedisServerException server => Array.Exists(LinkFailures, prefix => server.Message.StartsWith(prefix, StringComparison.Ordinal)),
        OperationCanceledException => false,
        _ => exception is RedisException,
    };
}
