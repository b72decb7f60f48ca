using Npgsql;

namespace Data.Resilience.Commits;

/// <summary>Recognises a COMMIT that did not wait for its synchronous standby to the end.</summary>
/// <remarks>
/// A cancelled or terminated wait cannot take the commit back: PostgreSQL answers COMMIT, and says in a warning that the transaction "might
/// not have been replicated to the standby". The text is translated; the name of the function that gives it is not.
/// </remarks>
internal static class SynchronousReplication
{
    private const string Waiting = "SyncRepWaitForLSN";

    public static bool WasAbandoned(PostgresNotice notice) => string.Equals(notice.Routine, Waiting, StringComparison.Ordinal);
}
