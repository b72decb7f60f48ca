namespace Data.Resilience.Internal;

/// <summary>Names as they stand in SQL: quoted, so that case and odd characters are kept and nothing else can be smuggled in.</summary>
internal static class QuotedName
{
    /// <summary>Quotes a name with its schema; null leaves the schema to the search path.</summary>
    public static string Of(string name, string? schema) => schema is null ? Of(name) : $"{Of(schema)}.{Of(name)}";

    /// <summary>Quotes a single name.</summary>
    public static string Of(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    /// <summary>Returns a quoted name as a literal, for instance for <c>::regclass</c>.</summary>
    public static string ToLiteral(string quoted) => $"'{quoted.Replace("'", "''", StringComparison.Ordinal)}'";
}
