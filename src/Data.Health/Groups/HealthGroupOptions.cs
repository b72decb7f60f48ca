namespace Data.Health.Groups;

/// <summary>A named selection of contributors with status codes of its own, served under <c>/health/{group}</c>.</summary>
/// <remarks>
/// A contributor belongs to the group if one of its tags or its name is included (everything is, when nothing is named) and neither is
/// excluded. A tag that no contributor carries or a name that none has is an error at start.
/// </remarks>
public sealed class HealthGroupOptions
{
    /// <summary>Tags of which a member carries at least one. Default none, which with no included names means every contributor.</summary>
    public IList<string> IncludeTags { get; } = [];

    /// <summary>Tags of which a member carries none. Default none.</summary>
    public IList<string> ExcludeTags { get; } = [];

    /// <summary>Names of members. Default none.</summary>
    public IList<string> IncludeNames { get; } = [];

    /// <summary>Names of contributors that are no members. Default none.</summary>
    public IList<string> ExcludeNames { get; } = [];

    /// <summary>HTTP status while healthy. Default 200; 200 to 599.</summary>
    public int HealthyStatusCode { get; set; } = 200;

    /// <summary>HTTP status while degraded. Default 200; 200 to 599.</summary>
    public int DegradedStatusCode { get; set; } = 200;

    /// <summary>HTTP status while unhealthy. Default 503; 200 to 599.</summary>
    public int UnhealthyStatusCode { get; set; } = 503;
}
