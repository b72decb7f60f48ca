using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Data.Resilience.Migrations;

/// <summary>Compares a relational model with a catalogue, table by table.</summary>
internal sealed class SchemaComparison
{
    private static readonly HashSet<string> SystemColumns = new(
        ["xmin", "xmax", "cmin", "cmax", "ctid", "tableoid"],
        StringComparer.Ordinal);

    private readonly List<SchemaDifference> _differences = [];
    private readonly DatabaseSchema _database;

    private SchemaComparison(DatabaseSchema database) => _database = database;

    public static IReadOnlyList<SchemaDifference> Compare(IRelationalModel model, DatabaseSchema database)
    {
        var comparison = new SchemaComparison(database);
        foreach (var table in model.Tables.Where(t => !t.IsExcludedFromMigrations))
            comparison.Table(table);
        return comparison._differences;
    }

    private void Table(ITable expected)
    {
        var name = NameOf(expected);
        if (!_database.Tables.TryGetValue(name, out var actual))
        {
            Add(SchemaDifferenceKind.MissingTable, name, name: null, "a table", actual: null);
            return;
        }

        Columns(name, expected, actual);
        PrimaryKey(name, expected, actual);
        Indexes(name, expected, actual);
        ForeignKeys(name, expected, actual);
        foreach (var check in expected.CheckConstraints.Where(c => c.Name is not null && !actual.Checks.Contains(c.Name)))
            Add(SchemaDifferenceKind.MissingCheck, name, check.Name, check.Sql, actual: null);
    }

    private void Columns(string table, ITable expected, DatabaseTable actual)
    {
        var known = expected.Columns.Where(c => !SystemColumns.Contains(c.Name)).ToList();
        foreach (var column in known)
        {
            var type = StoreTypeName.Canonical(column.StoreType);
            if (!actual.Columns.TryGetValue(column.Name, out var found))
            {
                Add(SchemaDifferenceKind.MissingColumn, table, column.Name, type, actual: null);
                continue;
            }

            if (!string.Equals(type, StoreTypeName.Canonical(found.Type), StringComparison.Ordinal))
                Add(SchemaDifferenceKind.ColumnType, table, column.Name, type, found.Type);
            if (column.IsNullable != found.IsNullable)
            {
                Add(
                    SchemaDifferenceKind.ColumnNullability,
                    table,
                    column.Name,
                    Nullability(column.IsNullable),
                    Nullability(found.IsNullable));
            }
        }

        foreach (var (name, column) in actual.Columns
            .Where(c => !known.Exists(k => string.Equals(k.Name, c.Key, StringComparison.Ordinal))))
        {
            Add(SchemaDifferenceKind.UnexpectedColumn, table, name, expected: null, $"{column.Type} {Nullability(column.IsNullable)}");
        }
    }

    private void PrimaryKey(string table, ITable expected, DatabaseTable actual)
    {
        var key = expected.PrimaryKey is { } k ? string.Join(", ", k.Columns.Select(c => c.Name)) : null;
        var found = actual.PrimaryKey is { } index ? string.Join(", ", index.Columns) : null;
        if (!string.Equals(key, found, StringComparison.Ordinal))
            Add(SchemaDifferenceKind.PrimaryKey, table, expected.PrimaryKey?.Name, key, found);
    }

    private void Indexes(string table, ITable expected, DatabaseTable actual)
    {
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var index in expected.Indexes)
        {
            known[index.Name] = Describe(
                [.. index.Columns.Select((c, i) => c.Name + (IsDescending(index, i) ? " DESC" : ""))],
                index.IsUnique,
                index.Filter is not null);
        }

        foreach (var constraint in expected.UniqueConstraints.Where(u => !u.GetIsPrimaryKey()))
            known[constraint.Name] = Describe([.. constraint.Columns.Select(c => c.Name)], unique: true, filtered: false);

        foreach (var (name, definition) in known)
        {
            if (!actual.Indexes.TryGetValue(name, out var found))
            {
                Add(SchemaDifferenceKind.MissingIndex, table, name, definition, actual: null);
                continue;
            }

            var description = Describe(found.Columns, found.IsUnique, found.HasFilter);
            if (!string.Equals(definition, description, StringComparison.Ordinal))
                Add(SchemaDifferenceKind.IndexDefinition, table, name, definition, description);
            if (!found.IsValid)
                Add(SchemaDifferenceKind.InvalidIndex, table, name, definition, "an invalid index; drop it and create it again");
        }

        foreach (var (name, index) in actual.Indexes.Where(i => !known.ContainsKey(i.Key)))
        {
            Add(
                SchemaDifferenceKind.UnexpectedIndex,
                table,
                name,
                expected: null,
                Describe(index.Columns, index.IsUnique, index.HasFilter));
        }
    }

    private void ForeignKeys(string table, ITable expected, DatabaseTable actual)
    {
        foreach (var key in expected.ForeignKeyConstraints)
        {
            var definition = Describe(
                key.Columns.Select(c => c.Name), NameOf(key.PrincipalTable), key.PrincipalColumns.Select(c => c
                    .Name), ActionOf(key.OnDeleteAction));
            if (!actual.ForeignKeys.TryGetValue(key.Name, out var found))
            {
                Add(SchemaDifferenceKind.MissingForeignKey, table, key.Name, definition, actual: null);
                continue;
            }

            var description = Describe(found.Columns, found.PrincipalTable, found.PrincipalColumns, found.OnDelete);
            if (!string.Equals(definition, description, StringComparison.Ordinal))
                Add(SchemaDifferenceKind.ForeignKeyDefinition, table, key.Name, definition, description);
        }
    }

    private static bool IsDescending(ITableIndex index, int column) =>
        index.IsDescending is { } descending && (descending.Count == 0 || descending[column]);

    private static string Describe(IReadOnlyList<string> columns, bool unique, bool filtered) =>
        $"{(unique ? "unique " : "")}({string.Join(", ", columns)}){(filtered ? " with filter" : "")}";

    private static string Describe(IEnumerable<string> columns, string principal, IEnumerable<string> principalColumns, char onDelete) =>
        $"({string.Join(", ", columns)}) to {principal} ({string.Join(", ", principalColumns)}) on delete {onDelete switch
        {
            'c' => "cascade",
            'n' => "set null",
            'd' => "set default",
            'r' => "restrict",
            _ => "no action",
        }}";

    private static char ActionOf(ReferentialAction action) => action switch
    {
        ReferentialAction.Cascade => 'c',
        ReferentialAction.SetNull => 'n',
        ReferentialAction.SetDefault => 'd',
        ReferentialAction.Restrict => 'r',
        _ => 'a',
    };

    private static string Nullability(bool nullable) => nullable ? "null" : "not null";

    private string NameOf(ITable table) => $"{table.Schema ?? _database.DefaultSchema}.{table.Name}";

    private void Add(SchemaDifferenceKind kind, string table, string? name, string? expected, string? actual) =>
        _differences.Add(new SchemaDifference(kind, table, name, expected, actual));
}
