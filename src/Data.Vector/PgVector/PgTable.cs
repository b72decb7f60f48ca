using System.Globalization;

namespace Data.Vector.PgVector;

/// <summary>The table of a collection, and the parts that statements on it are made of.</summary>
/// <param name="collection">The collection's name.</param>
/// <param name="schema">The store's schema.</param>
/// <param name="table">The table's name in it.</param>
/// <param name="options">Dimensions, metric and index.</param>
/// <param name="extension">The extension of the database.</param>
internal sealed class PgTable(
    string collection,
    string schema,
    string table,
    VectorCollectionOptions options,
    PgExtension extension)
{
    public const int MaxDimensions = 16_000, MaxIndexed = 4_000;

    // The extension indexes more dimensions by halves only.
    private const int MaxFullPrecision = 2_000;

    public string Collection => collection;

    public string Table => table;

    public string Quoted { get; } = $"{PgName.Quoted(schema)}.{PgName.Quoted(table)}";

    public VectorCollectionOptions Options => options;

    /// <summary>The setting that holds the tenant; null when rows have none.</summary>
    public string? TenantSetting { get; init; }

    /// <summary>The configuration by which PostgreSQL takes texts apart for hybrid searches.</summary>
    public string TextConfiguration { get; init; } = "simple";

    public PgExtension Extension => extension;

    /// <summary>Whether an index answers searches; without one they compare every vector.</summary>
    public bool IsIndexed { get; } = options.Index == VectorIndexKind.Hnsw && options.Dimensions <= MaxIndexed;

    /// <summary>Whether the index holds numbers of half precision.</summary>
    public bool IsHalf => IsIndexed && options.Dimensions > MaxFullPrecision;

    /// <summary>The words of a text in SQL: of its beginning, because PostgreSQL takes a megabyte of words at most.</summary>
    public string Words => $"to_tsvector({Configuration}, left(coalesce(document, ''), 200000))";

    /// <summary>The configuration in SQL.</summary>
    public string Configuration => $"{PgName.Literal(TextConfiguration)}::regconfig";

    /// <summary>The columns of the primary key.</summary>
    public string Key => TenantSetting is null ? "id" : "tenant_id, id";

    /// <summary>The tenant of the transaction in SQL, null when there is none.</summary>
    public string Tenant => $"NULLIF(current_setting('{TenantSetting}', true), '')";

    /// <summary>
    /// Returns the WHERE clause of conditions; rows of other tenants are left out also for logins that policies do not bind.
    /// </summary>
    public string Where(params string?[] conditions)
    {
        var all = conditions.Append(TenantSetting is null ? null : $"tenant_id = {Tenant}").OfType<string>().ToList();
        return all.Count == 0 ? "" : " WHERE " + string.Join(" AND ", all);
    }

    /// <summary>Returns an array of numbers as a vector.</summary>
    public string Vector(string numbers) => $"{numbers}::real[]::{extension.Of("vector")}";

    /// <summary>Returns the distance of a row to a vector, as the package defines it.</summary>
    public string Distance(string vector) => options.Metric switch
    {
        DistanceMetric.L2 => $"{extension.Of("vector_l2_squared_distance")}(embedding, {vector})",
        DistanceMetric.InnerProduct => $"1 + (embedding {Operator} {vector})",
        _ => $"embedding {Operator} {vector}",
    };

    /// <summary>Returns what the index orders rows by.</summary>
    public string Rank(string vector) => IsHalf ? $"{Half("embedding")} {Operator} {Half(vector)}" : $"embedding {Operator} {vector}";

    /// <summary>Returns the column or expression that the index holds, and its operator class.</summary>
    public string IndexedBy()
    {
        var metric = options.Metric switch
        {
            DistanceMetric.L2 => "l2_ops",
            DistanceMetric.InnerProduct => "ip_ops",
            _ => "cosine_ops",
        };
        return IsHalf ? $"({Half("embedding")}) {extension.Of("halfvec_" + metric)}" : $"embedding {extension.Of("vector_" + metric)}";
    }

    private string Operator => options.Metric switch
    {
        DistanceMetric.L2 => $"OPERATOR({extension.Of("<->")})",
        DistanceMetric.InnerProduct => $"OPERATOR({extension.Of("<#>")})",
        _ => $"OPERATOR({extension.Of("<=>")})",
    };

    private string Half(string vector) =>
        string.Create(CultureInfo.InvariantCulture, $"({vector})::{extension.Of("halfvec")}({options.Dimensions})");
}
