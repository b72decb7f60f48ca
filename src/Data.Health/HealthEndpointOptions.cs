namespace Data.Health.Endpoints;

/// <summary>Callers that see more than the status word.</summary>
public enum HealthDetails
{
    /// <summary>Nobody.</summary>
    Never,

    /// <summary>Callers that are authorised; see <see cref="HealthEndpointOptions.AuthorizationPolicy"/>.</summary>
    WhenAuthorized,

    /// <summary>Every caller. Only for endpoints that the public cannot reach.</summary>
    Always,
}

/// <summary>A representation of the response, chosen by the <c>Accept</c> header.</summary>
public enum HealthFormat
{
    /// <summary><c>text/plain</c>: the status word, then a line per contributor.</summary>
    PlainText,

    /// <summary><c>application/health+json</c> as defined by draft-inadarei-api-health-check-06.</summary>
    HealthJson,

    /// <summary><c>application/json</c> in the shape that the Xabaril HealthChecks UI reads.</summary>
    UiJson,
}

/// <summary>Paths of the endpoints, formats, and who sees details.</summary>
public sealed class HealthEndpointOptions
{
    /// <summary>Base path of all endpoints; starts with a slash and does not end with one. Default: <c>/health</c>.</summary>
    public string BasePath { get; set; } = "/health";

    /// <summary>A second path with the content of <see cref="BasePath"/>; empty for none. Default: <c>/healthz</c>.</summary>
    public string AliasPath { get; set; } = "/healthz";

    /// <summary>Callers that see details. Default: <see cref="HealthDetails.WhenAuthorized"/>.</summary>
    public HealthDetails Details { get; set; } = HealthDetails.WhenAuthorized;

    /// <summary>
    /// Authorization policy that callers must meet to see details. A delegate passed to <c>AuthorizeDetails</c> replaces it. Default: none,
    /// which admits any authenticated user.
    /// </summary>
    public string? AuthorizationPolicy { get; set; }

    /// <summary>Format for callers that accept any media type. Default: <see cref="HealthFormat.PlainText"/>.</summary>
    public HealthFormat DefaultFormat { get; set; } = HealthFormat.PlainText;

    /// <summary>Whether <c>{BasePath}/ui</c> is served. Default: <see langword="true"/>.</summary>
    public bool Page { get; set; } = true;

    /// <summary>HTTP status while degraded. Default: 200. Range: 200–599.</summary>
    public int DegradedStatusCode { get; set; } = 200;

    /// <summary>HTTP status while unhealthy. Default: 503. Range: 200–599.</summary>
    public int UnhealthyStatusCode { get; set; } = 503;

    internal IEnumerable<string> Errors()
    {
        if (!IsPath(BasePath))
            yield return $"Endpoints: BasePath is '{BasePath}'; it must start with a slash and not end with one.";
        if (AliasPath.Length > 0 && !IsPath(AliasPath))
            yield return $"Endpoints: AliasPath is '{AliasPath}'; it must be empty or start with a slash and not end with one.";
        if (string.Equals(BasePath, AliasPath, StringComparison.OrdinalIgnoreCase))
            yield return "Endpoints: AliasPath equals BasePath; leave it empty for no alias.";
        if (!Enum.IsDefined(Details))
            yield return $"Endpoints: Details is {(int)Details}; it must be Never, WhenAuthorized or Always.";
        if (!Enum.IsDefined(DefaultFormat))
            yield return $"Endpoints: DefaultFormat is {(int)DefaultFormat}; it must be PlainText, HealthJson or UiJson.";
        if (DegradedStatusCode is < 200 or > 599)
            yield return $"Endpoints: DegradedStatusCode is {DegradedStatusCode}; it must be 200 to 599.";
        if (UnhealthyStatusCode is < 200 or > 599)
            yield return $"Endpoints: UnhealthyStatusCode is {UnhealthyStatusCode}; it must be 200 to 599.";
    }

    private static bool IsPath(string path) => path.Length > 1 && path[0] == '/' && path[^1] != '/';
}
