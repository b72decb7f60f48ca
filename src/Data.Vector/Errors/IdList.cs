namespace Data.Vector.Errors;

/// <summary>Lists of ids in messages: a few of them, and how many more there are.</summary>
internal static class IdList
{
    private const int Shown = 5;

    public static string Describe(string before, IReadOnlyList<string> ids, string after)
    {
        var list = string.Join(", ", ids.Take(Shown).Select(static id => $"'{id}'"));
        var more = ids.Count > Shown ? $" and {ids.Count - Shown} more" : "";
        return $"{before} {list}{more} {after}.".Replace(" ;", ";", StringComparison.Ordinal);
    }
}
