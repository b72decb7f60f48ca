using Npgsql;

namespace Data.Resilience.Transience;

/// <summary>What PgBouncer reports by itself: always FATAL with SQLSTATE 08P01, whatever happened.</summary>
/// <remarks>
/// PostgreSQL has the same code for a wrong message of the client, as an ERROR, which repeating cannot help.
/// </remarks>
internal static class PoolerErrors
{
    private const string ProtocolViolation = "08P01";

    // Only the text tells a login that can never succeed from a server that is away. PgBouncer does not translate its messages.
    private static readonly string[] Refusals =
    [
        "no such database",
        "no such user",
        "password authentication failed",
        "SASL authentication failed",
        "PAM authentication failed",
        "certificate authentication failed",
        "\"trust\" authentication failed",
        "login rejected",
        "unix socket login rejected",
        "SSL required",
        "TLS connection required",
        "TLS client certificate required",
        "bouncer config error",
        "unsupported startup parameter",
        "unsupported options startup parameter",
    ];

    /// <summary>Whether the error comes from a pooler.</summary>
    public static bool IsOfPooler(PostgresException error) =>
        error.InvariantSeverity == "FATAL" && string.Equals(error.SqlState, ProtocolViolation, StringComparison.Ordinal);

    /// <summary>Classifies a pooler's error: a server that is lost or away, or a login that is refused for good.</summary>
    public static FailureClass Classify(PostgresException error)
    {
        var text = error.MessageText;
        var isRefusal = text.EndsWith(" does not exist", StringComparison.Ordinal)
            || Refusals.Any(refusal => text.StartsWith(refusal, StringComparison.Ordinal));
        return isRefusal ? FailureClass.Permanent : FailureClass.SessionLost;
    }
}
