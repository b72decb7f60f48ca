using StackExchange.Redis;

namespace Data.Cache.Redis;

/// <summary>Distinguishes failures of the link from failures of a single command.</summary>
/// <remarks>MOVED, ASK and TRYAGAIN belong to a slot that moves: the server answers, and the next attempt succeeds.</remarks>
internal static class RedisFailures
{
    private static readonly string[] LinkFailures =
        ["LOADING", "CLUSTERDOWN", "MASTERDOWN", "READONLY", "NOAUTH", "WRONGPASS", "NOPERM", "UNKILLABLE", "BUSY"];

    // The client follows one redirection; it reports a second one in words of its own (2.13.23 and 3.4.35).
    private static readonly string[] SlotMoves = ["MOVED", "ASK", "TRYAGAIN", "Key has MOVED"];

    /// <summary>Returns whether the server has answered that the slot is about to move, so that the next attempt succeeds.</summary>
    public static bool IsSlotMove(Exception? exception) => exception is RedisServerException server && StartsWithAny(server, SlotMoves);

    /// <summary>Names a failure without the client's text, which contains hosts and ports.</summary>
    public static string Describe(Exception? exception) => exception switch
    {
        null => "no answer",
        TimeoutException => "no answer within the deadline",
        RedisConnectionException connection => connection.FailureType.ToString(),
        RedisServerException server => Code(server.Message) ?? "error",
        RedisCommandException => "refused by the client",
        _ => exception.GetType().Name,
    };

    // The first word of an error of Redis is its code: OOM, NOPERM, READONLY. Redis 7.0 has none for a right that a script lacks.
    private static string? Code(string message)
    {
        if (message.Contains("user executing the script", StringComparison.Ordinal))
            return "NOPERM";
        var word = message.Split(' ', 2)[0];
        return word.Length > 0 && word.All(char.IsAsciiLetterUpper) ? word : null;
    }

    /// <summary>Returns whether the breaker counts the failure.</summary>
    public static bool IsLinkFailure(Exception? exception) => exception switch
    {
        null => false,
        TimeoutException or RedisConnectionException or ObjectDisposedException => true,
        RedisServerException server => StartsWithAny(server, LinkFailures),
        OperationCanceledException => false,
        _ => exception is RedisException,
    };

    private static bool StartsWithAny(RedisServerException exception, string[] prefixes) =>
        Array.Exists(prefixes, prefix => exception.Message.StartsWith(prefix, StringComparison.Ordinal));
}
