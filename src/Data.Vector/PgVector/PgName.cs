namespace Data.Vector.PgVector;

/// <summary>Identifiers and literals in SQL, for what cannot be a parameter.</summary>
internal static class PgName
{
    /// <summary>Returns a name in double quotes, as it is: case, dots and quotes included.</summary>
    public static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>Returns a text in single quotes, whatever standard_conforming_strings says.</summary>
    public static string Literal(string text)
    {
        var quoted = text.Replace("'", "''", StringComparison.Ordinal);
        return quoted.Contains('\\', StringComparison.Ordinal)
            ? $"E'{quoted.Replace("\\", "\\\\", StringComparison.Ordinal)}'"
            : $"'{quoted}'";
    }
}
