using Npgsql;

namespace Data.Resilience.Migrations;

/// <summary>What PostgreSQL's catalogue says of all user tables.</summary>
internal sealed class DatabaseSchema
{
    public required string DefaultSchema { get; init; }

    public Dictionary<string, DatabaseTable> Tables { get; } = new(StringComparer.Ordinal);

    public static async Task<DatabaseSchema> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var current = new NpgsqlCommand("SELECT current_schema()::text", connection);
        await using var _ = current.ConfigureAwait(false);
        var schema = new DatabaseSchema
        {
            DefaultSchema = (string)(await current.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) ?? "public")
        };
        await schema.ReadAsync(connection, ColumnsSql, ReadColumn, cancellationToken).ConfigureAwait(false);
        await schema.ReadAsync(connection, IndexesSql, ReadIndex, cancellationToken).ConfigureAwait(false);
        await schema.ReadAsync(connection, ConstraintsSql, ReadConstraint, cancellationToken).ConfigureAwait(false);
        return schema;
    }

    private const string UserTables =
        "c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'";

    private const string ColumnsSql =
        $"""
        SELECT n.nspname || '.' || c.relname, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE {UserTables} ORDER BY 1, a.attnum
        """;

    private const string IndexesSql =
        $"""
        SELECT n.nspname || '.' || c.relname, x.relname::text, i.indisunique, i.indisprimary, i.indisvalid,
               ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, true) || CASE WHEN i.indoption[k - 1] & 1 = 1 THEN ' DESC' ELSE '' END
                     FROM generate_series(1, i.indnkeyatts) k),
               pg_get_expr(i.indpred, i.indrelid)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_index i ON i.indrelid = c.oid JOIN pg_class x ON x.oid = i.indexrelid
        WHERE {UserTables} ORDER BY 1, 2
        """;

    private const string ConstraintsSql =
        $"""
        SELECT n.nspname || '.' || c.relname, k.conname::text, k.contype,
               ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(num, pos)
                 JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num ORDER BY u.pos),
               (SELECT fn.nspname || '.' || f.relname FROM pg_class f
                 JOIN pg_namespace fn ON fn.oid = f.relnamespace WHERE f.oid = k.confrelid),
               ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u(num, pos)
                 JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num ORDER BY u.pos),
               k.confdeltype
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype IN ('f', 'c')
        WHERE {UserTables} ORDER BY 1, 2
        """;

    private async Task ReadAsync(
        NpgsqlConnection connection, string sql, Action<DatabaseTable, NpgsqlDataReader> read, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(sql, connection);
        await using var ownedCommand = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var ownedReader = reader.ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var name = reader.GetString(0);
            if (!Tables.TryGetValue(name, out var table))
                Tables[name] = table = new DatabaseTable();
            read(table, reader);
        }
    }

    private static void ReadColumn(DatabaseTable table, NpgsqlDataReader reader) =>
        table.Columns[reader.GetString(1)] = new DatabaseColumn(reader.GetString(2), IsNullable: !reader.GetBoolean(3));

    private static void ReadIndex(DatabaseTable table, NpgsqlDataReader reader)
    {
        var columns = reader.GetFieldValue<string[]>(5).Select(c => c.Replace("\"", "", StringComparison.Ordinal)).ToArray();
        var index = new DatabaseIndex(columns, reader.GetBoolean(2), reader.GetBoolean(4), HasFilter: !reader.IsDBNull(6));
        if (reader.GetBoolean(3))
            table.PrimaryKey = index;
        else
            table.Indexes[reader.GetString(1)] = index;
    }

    private static void ReadConstraint(DatabaseTable table, NpgsqlDataReader reader)
    {
        if (reader.GetChar(2) == 'c')
        {
            table.Checks.Add(reader.GetString(1));
            return;
        }

        table.ForeignKeys[reader.GetString(1)] = new DatabaseForeignKey(
            reader.GetFieldValue<string[]>(3), reader.GetString(4), reader.GetFieldValue<string[]>(5), reader.GetChar(6));
    }
}

/// <summary>One table of the catalogue.</summary>
internal sealed class DatabaseTable
{
    public Dictionary<string, DatabaseColumn> Columns { get; } = new(StringComparer.Ordinal);

    public DatabaseIndex? PrimaryKey { get; set; }

    public Dictionary<string, DatabaseIndex> Indexes { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, DatabaseForeignKey> ForeignKeys { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Checks { get; } = new(StringComparer.Ordinal);
}

internal sealed record DatabaseColumn(string Type, bool IsNullable);

internal sealed record DatabaseIndex(string[] Columns, bool IsUnique, bool IsValid, bool HasFilter);

internal sealed record DatabaseForeignKey(string[] Columns, string PrincipalTable, string[] PrincipalColumns, char OnDelete);
