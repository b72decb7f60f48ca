namespace Data.Resilience.Migrations;

/// <summary>One place where the database is not what the model says.</summary>
/// <param name="Kind">What differs.</param>
/// <param name="Table">The table, with its schema.</param>
/// <param name="Name">The column, index or constraint; null for a whole table.</param>
/// <param name="Expected">What the model says; null when it says nothing.</param>
/// <param name="Actual">What the database holds; null when it holds nothing.</param>
public sealed record SchemaDifference(SchemaDifferenceKind Kind, string Table, string? Name, string? Expected, string? Actual)
{
    /// <summary>Describes the difference in one line.</summary>
    /// <returns>The line.</returns>
    public override string ToString() =>
        $"{Kind}: {Table}{(Name is null ? "" : "." + Name)}: expected {Expected ?? "nothing"}, found {Actual ?? "nothing"}";
}
