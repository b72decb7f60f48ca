namespace Data.Health;

/// <summary>What is typical of a kind of contributor.</summary>
internal sealed record BuiltInKind(bool Critical, TimeSpan? Period, params string[] Tags)
{
    /// <summary>Something the service cannot answer without.</summary>
    public static BuiltInKind Dependency(params string[] tags) => new(true, null, ["dependency", .. tags]);

    /// <summary>The process and its machine.</summary>
    public static BuiltInKind Resource(bool critical) => new(critical, null, "resource");

    /// <summary>What changes over hours and wants attention, not a restart.</summary>
    public static BuiltInKind Upkeep(TimeSpan period) => new(false, period, "upkeep");
}
