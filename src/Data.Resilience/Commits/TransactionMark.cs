using Npgsql;
using NpgsqlTypes;

namespace Data.Resilience.Commits;

/// <summary>
/// What is noted of a write transaction before its COMMIT is sent, so that its outcome can be found out from another connection.
/// </summary>
/// <param name="TransactionId">From <c>pg_current_xact_id()</c>.</param>
/// <param name="SystemIdentifier">Of the cluster; another cluster's ids mean nothing. Null when the role may not ask: then the id is all
/// that is noted, and the outcome cannot be found out.</param>
/// <param name="Timeline">Of the log; after a fail-over ids may be given out again.</param>
/// <param name="FlushedLsn">How far the log was durable, so that a later restart of the server is noticed.</param>
/// <param name="ServerTime">The server's clock, for the same purpose.</param>
internal readonly record struct TransactionMark(
    ulong TransactionId, string? SystemIdentifier, uint Timeline, NpgsqlLogSequenceNumber FlushedLsn, DateTime ServerTime)
{
    internal const int FirstColumns = 4;

    private const string Id = "pg_current_xact_id()";
    private const string Known = Id + ", pg_walfile_name(pg_current_wal_insert_lsn()), pg_current_wal_flush_lsn(), clock_timestamp()";
    private const string Whole = Known + ", (SELECT system_identifier::text FROM pg_control_system())";

    /// <summary>
    /// Returns the columns of a marking SELECT: <see cref="FirstColumns"/> and the system identifier, or the id alone.
    /// </summary>
    internal static string ColumnsFor(bool isVerifiable, bool identifies) => !isVerifiable ? Id : identifies ? Whole : Known;

    /// <summary>Reads the timeline from a segment's name: its first eight hexadecimal digits.</summary>
    public static uint TimelineOf(string segment) =>
        uint.Parse(
            segment.AsSpan(0, 8),
            System.Globalization.NumberStyles.AllowHexSpecifier,
            System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Reads the name of the function that a role may not execute from the server's refusal: the last word.</summary>
    public static string NameOfDenied(PostgresException denied) => denied.MessageText[(denied.MessageText.LastIndexOf(' ') + 1)..];
}
