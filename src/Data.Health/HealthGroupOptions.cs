namespace Data.Health.Groups;

/// <summary>A named selection of contributors with its own status codes, served under <c>/health/{group}</c>.</summary>
/// <remarks>
/// A contributor belongs to the group if one of its tags or its name is included and neither is excluded. A group without included tags
/// and names includes every contributor. A tag or a name that no contributor has is an error at start.
/// </remarks>
public sealed class HealthGroupOptions
{
    /// <summary>
    /// Tags of which a member has at least one. Default: none, which without included names selects every contributor.
    /// </summary>
    public IList<string> IncludeTags { get; } = [];

    /// <summary>Tags that no member has. Default: none.</summary>
    public IList<string> ExcludeTags { get; } = [];

    /// <summary>Names of members. Default: none.</summary>
    public IList<string> IncludeNames { get; } = [];

    /// <summary>Names of contributors that are not members. Default: none.</summary>
    public IList<string> ExcludeNames { get; } = [];

    /// <summary>HTTP status while healthy. Default: 200. Range: 200–599.</summary>
    public int HealthyStatusCode { get; set; } = 200;

    /// <summary>HTTP status while degraded. Default: 200. Range: 200–599.</summary>
    public int DegradedStatusCode { get; set; } = 200;

    /// <summary>HTTP status while unhealthy. Default: 503. Range: 200–599.</summary>
    public int UnhealthyStatusCode { get; set; } = 503;
}
