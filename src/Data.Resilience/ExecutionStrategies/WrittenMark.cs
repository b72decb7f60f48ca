using Data.Resilience.Commits;
using Data.Resilience.Connections;
using Npgsql;
using NpgsqlTypes;

namespace Data.Resilience.ExecutionStrategies;

/// <summary>The mark of a transaction that has written; one that has only read gets no row, and no transaction id by being asked.</summary>
internal static class WrittenMark
{
    private const string Condition = " WHERE pg_current_xact_id_if_assigned() IS NOT NULL";

    public const string Query = "SELECT " + TransactionMark.Columns + Condition;

    public const string IdentifyingQuery =
        "SELECT " + TransactionMark.Columns + ", " + TransactionMark.SystemIdentifierColumn + Condition;

    /// <summary>Reads the mark.</summary>
    /// <param name="reader">On the row.</param>
    /// <param name="node">Remembers the system identifier.</param>
    /// <param name="systemIdentifier">The identifier, when it is known; else it is in the row.</param>
    public static TransactionMark Read(NpgsqlDataReader reader, DatabaseNode node, string? systemIdentifier)
    {
        if (systemIdentifier is null)
            node.SystemIdentifier = systemIdentifier = reader.GetString(TransactionMark.FirstColumns);

        return new TransactionMark(
            reader.GetFieldValue<ulong>(0),
            systemIdentifier,
            TransactionMark.TimelineOf(reader.GetString(1)),
            reader.GetFieldValue<NpgsqlLogSequenceNumber>(2),
            reader.GetDateTime(3));
    }
}
