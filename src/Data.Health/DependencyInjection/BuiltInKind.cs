namespace Data.Health.DependencyInjection;

/// <summary>The settings and tags that a kind of contributor has unless the application changes them.</summary>
internal sealed record BuiltInKind(bool Critical, TimeSpan? Period, params string[] Tags)
{
    /// <summary>A dependency without which the service cannot answer.</summary>
    public static BuiltInKind Dependency(params string[] tags) => new(true, null, ["dependency", .. tags]);

    /// <summary>A resource of the process or its machine.</summary>
    public static BuiltInKind Resource(bool critical) => new(critical, null, "resource");

    /// <summary>A value that changes over hours and needs attention, not a restart.</summary>
    public static BuiltInKind Upkeep(TimeSpan period) => new(false, period, "upkeep");
}
