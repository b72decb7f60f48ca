using System.Globalization;

namespace Data.Vector.PgVector;

/// <summary>The statements that create the table of a collection, with its indexes and its policy.</summary>
internal static class PgTableDefinition
{
    public static IEnumerable<string> Statements(PgTable table, string schema, int partitions)
    {
        var tenant = table.TenantSetting is null ? "" : $"""tenant_id text COLLATE "C" NOT NULL DEFAULT {table.Tenant}, """;
        var type = string.Create(CultureInfo.InvariantCulture, $"{table.Extension.Of("vector")}({table.Options.Dimensions})");
        yield return $$"""
            CREATE TABLE {{table.Quoted}} (
              {{tenant}}id text COLLATE "C" NOT NULL,
              embedding {{type}} NOT NULL,
              document text,
              metadata jsonb NOT NULL DEFAULT '{}',
              PRIMARY KEY ({{table.Key}})){{(partitions > 0 ? " PARTITION BY HASH (id)" : "")}}
            """;
        for (var i = 0; i < partitions; i++)
        {
            var partition = $"{PgName.Quoted(schema)}.{PgName.Quoted(string.Create(CultureInfo.InvariantCulture, $"{table.Table}_p{i}"))}";
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"CREATE TABLE {partition} PARTITION OF {table.Quoted} FOR VALUES WITH (MODULUS {partitions}, REMAINDER {i})");
        }

        if (table.IsIndexed)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"CREATE INDEX ON {table.Quoted} USING hnsw ({table.IndexedBy()}) WITH (m = {table.Options.Hnsw.M}, ef_construction = {table
                    .Options.Hnsw.EfConstruction})");
        }

        yield return $"CREATE INDEX ON {table.Quoted} USING gin (metadata jsonb_path_ops)";
        if (table.Options.TextIndex == VectorTextIndex.Always)
            yield return $"CREATE INDEX ON {table.Quoted} USING gin ({table.Words})";

        if (table.TenantSetting is null)
            yield break;

        // Forced: the owner of a table is bound by its policies only then.
        yield return $"ALTER TABLE {table.Quoted} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY";
        yield return $"CREATE POLICY tenant ON {table.Quoted} USING (tenant_id = {table.Tenant}) WITH CHECK (tenant_id = {table.Tenant})";
    }
}
