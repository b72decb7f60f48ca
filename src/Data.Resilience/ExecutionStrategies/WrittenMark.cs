using Data.Resilience.Commits;
using Data.Resilience.Connections;
using Npgsql;
using NpgsqlTypes;

namespace Data.Resilience.ExecutionStrategies;

/// <summary>The mark of a transaction that has written; one that has only read gets no row, and no transaction id by being asked.</summary>
internal static class WrittenMark
{
    /// <summary>Returns the marking SELECT.</summary>
    /// <param name="node">The node: what is known of it is not asked for again, what it hides is not asked for at all.</param>
    public static string QueryFor(DatabaseNode node) =>
        $"SELECT {TransactionMark.ColumnsFor(node.HiddenFunction is null, identifies: node.SystemIdentifier is null)} "
        + "WHERE pg_current_xact_id_if_assigned() IS NOT NULL";

    /// <summary>Reads the mark.</summary>
    /// <param name="reader">On the row.</param>
    /// <param name="node">Remembers the system identifier.</param>
    /// <param name="systemIdentifier">The identifier as known when the query was made; else it is in the row.</param>
    public static TransactionMark Read(NpgsqlDataReader reader, DatabaseNode node, string? systemIdentifier)
    {
        var id = reader.GetFieldValue<ulong>(0);
        if (reader.FieldCount == 1)
            return new TransactionMark { TransactionId = id };
        if (systemIdentifier is null)
            node.SystemIdentifier = systemIdentifier = reader.GetString(TransactionMark.FirstColumns);

        return new TransactionMark(
            id,
            systemIdentifier,
            TransactionMark.TimelineOf(reader.GetString(1)),
            reader.GetFieldValue<NpgsqlLogSequenceNumber>(2),
            reader.GetDateTime(3));
    }
}
