using NpgsqlTypes;

namespace Data.Resilience.Commits;

/// <summary>
/// What is noted of a write transaction before its COMMIT is sent, so that its outcome can be found out from another connection.
/// </summary>
/// <param name="TransactionId">From <c>pg_current_xact_id()</c>.</param>
/// <param name="SystemIdentifier">Of the cluster; another cluster's ids mean nothing.</param>
/// <param name="Timeline">Of the log; after a fail-over ids may be given out again.</param>
/// <param name="FlushedLsn">How far the log was durable, so that a later restart of the server is noticed.</param>
/// <param name="ServerTime">The server's clock, for the same purpose.</param>
internal readonly record struct TransactionMark(
    ulong TransactionId, string SystemIdentifier, uint Timeline, NpgsqlLogSequenceNumber FlushedLsn, DateTime ServerTime)
{
    /// <summary>The columns a marking SELECT returns, in the order that <see cref="FirstColumns"/> counts.</summary>
    internal const string Columns =
        "pg_current_xact_id(), pg_walfile_name(pg_current_wal_insert_lsn()), pg_current_wal_flush_lsn(), clock_timestamp()";

    internal const string SystemIdentifierColumn = "(SELECT system_identifier::text FROM pg_control_system())";

    internal const int FirstColumns = 4;

    /// <summary>Reads the timeline from a segment's name: its first eight hexadecimal digits.</summary>
    public static uint TimelineOf(string segment) =>
        uint.Parse(
            segment.AsSpan(0, 8),
            System.Globalization.NumberStyles.AllowHexSpecifier,
            System.Globalization.CultureInfo.InvariantCulture);
}
