using Data.Resilience.Internal;
using Npgsql;

namespace Data.Resilience.Inbox;

/// <summary>The SQL of one inbox.</summary>
internal sealed class InboxStatements(string table, string? schema)
{
    private readonly string _table = QuotedName.Of(table, schema);

    /// <summary>Inserts a row unless the message has one. A second delivery waits here for the end of the first.</summary>
    public string Accept => field ??= $"INSERT INTO {_table} (consumer, message_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";

    /// <summary>Deletes the oldest rows that are old enough, so many at most.</summary>
    public string CleanUp => field ??=
        $"""
        DELETE FROM {_table} WHERE ctid = ANY (ARRAY(
          SELECT ctid FROM {_table} WHERE accepted_at < clock_timestamp() - $1 ORDER BY accepted_at LIMIT $2))
        """;

    /// <summary>Whether a failure is that of the missing table.</summary>
    public static bool Explains(PostgresException failure) =>
        string.Equals(failure.SqlState, PostgresErrorCodes.UndefinedTable, StringComparison.Ordinal);

    /// <summary>Names the migration that makes the missing table.</summary>
    public Exception Explain(PostgresException failure) => new InvalidOperationException(
        $"The inbox's table {_table} does not exist. Create it in a migration with migrationBuilder.CreateInbox(), with the schema and "
        + "table of InboxOptions.",
        failure);
}
