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

    /// <summary>
    /// A second path with the content of <c>{BasePath}/live</c>; empty for none. Default: <c>/livez</c>, Kubernetes' name.
    /// </summary>
    public string LiveAliasPath { get; set; } = "/livez";

    /// <summary>A third path with the content of <c>{BasePath}/live</c>; empty for none. Default: <c>/alive</c>, Aspire's name.</summary>
    public string AliveAliasPath { get; set; } = "/alive";

    /// <summary>
    /// A second path with the content of <c>{BasePath}/ready</c>; empty for none. Default: <c>/readyz</c>, Kubernetes' name.
    /// </summary>
    public string ReadyAliasPath { get; set; } = "/readyz";

    /// <summary>Callers that see details. Default: <see cref="HealthDetails.WhenAuthorized"/>.</summary>
    public HealthDetails Details { get; set; } = HealthDetails.WhenAuthorized;

    /// <summary>
    /// Authorization policy that callers must meet to see details. A delegate passed to <c>AuthorizeDetails</c> replaces it. Default: none,
    /// which admits any authenticated user.
    /// </summary>
    public string? AuthorizationPolicy { get; set; }

    /// <summary>
    /// Time after which a caller whose credentials are not decided yet is treated as a stranger, so that a database that is down delays no
    /// response. Default: 250 ms. Range: 10 ms–30 s.
    /// </summary>
    public TimeSpan AuthorizationTimeout { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Whether callers without details see the names and status words of the contributors, and <c>{BasePath}/{contributor}</c>. Default:
    /// <see langword="false"/>.
    /// </summary>
    public bool ShowNames { get; set; }

    /// <summary>Format for callers that accept any media type. Default: <see cref="HealthFormat.PlainText"/>.</summary>
    public HealthFormat DefaultFormat { get; set; } = HealthFormat.PlainText;

    /// <summary>Whether <c>{BasePath}/ui</c> is served. Default: <see langword="true"/>.</summary>
    public bool Page { get; set; } = true;

    /// <summary>
    /// Request header in which the page sends a key that the operator types, such as <c>X-API-Key</c>: the sign-in of services whose
    /// credentials a browser does not send by itself. The key stays in the browser's tab. Default: none, no sign-in.
    /// </summary>
    public string? PageKeyHeader { get; set; }

    /// <summary>HTTP status while degraded. Default: 200. Range: 200–599.</summary>
    public int DegradedStatusCode { get; set; } = 200;

    /// <summary>HTTP status while unhealthy. Default: 503. Range: 200–599.</summary>
    public int UnhealthyStatusCode { get; set; } = 503;

    internal IEnumerable<string> Errors()
    {
        if (!IsPath(BasePath))
            yield return $"Endpoints: BasePath is '{BasePath}'; {PathRule}.";
        foreach (var (name, path) in Aliases().Where(a => a.Path.Length > 0 && !IsPath(a.Path)))
            yield return $"Endpoints: {name} is '{path}'; it must be empty, or {PathRule}.";
        foreach (var twice in Aliases().Select(a => a.Path).Where(p => p.Length > 0).Append(BasePath)
            .GroupBy(p => p, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1))
        {
            yield return $"Endpoints: the path '{twice.Key}' is given twice; leave one of BasePath, "
                + $"{string.Join(", ", Aliases().Select(a => a.Name))} empty.";
        }

        if (AuthorizationTimeout < TimeSpan.FromMilliseconds(10) || AuthorizationTimeout > TimeSpan.FromSeconds(30))
            yield return $"Endpoints: AuthorizationTimeout is {AuthorizationTimeout}; it must be 10 ms to 30 s.";
        if (PageKeyHeader is { } header && (header.Length == 0 || !header.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')))
            yield return $"Endpoints: PageKeyHeader is '{header}'; it must be the name of a header, such as X-API-Key.";
        if (!Enum.IsDefined(Details))
            yield return $"Endpoints: Details is {(int)Details}; it must be Never, WhenAuthorized or Always.";
        if (!Enum.IsDefined(DefaultFormat))
            yield return $"Endpoints: DefaultFormat is {(int)DefaultFormat}; it must be PlainText, HealthJson or UiJson.";
        if (DegradedStatusCode is < 200 or > 599)
            yield return $"Endpoints: DegradedStatusCode is {DegradedStatusCode}; it must be 200 to 599.";
        if (UnhealthyStatusCode is < 200 or > 599)
            yield return $"Endpoints: UnhealthyStatusCode is {UnhealthyStatusCode}; it must be 200 to 599.";
    }

    private const string PathRule = "it must start with a slash, not end with one, and have segments of letters, digits and - . _ ~";

    private IEnumerable<(string Name, string Path)> Aliases() =>
    [
        (nameof(AliasPath), AliasPath), (nameof(LiveAliasPath), LiveAliasPath), (nameof(AliveAliasPath), AliveAliasPath),
        (nameof(ReadyAliasPath), ReadyAliasPath),
    ];

    private static bool IsPath(string path) =>
        path.Length > 1 && path[0] == '/' && path[1..].Split('/').All(Internal.PathSegment.IsPlain);
}
