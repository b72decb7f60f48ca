namespace ConfigurationService.Keys;

/// <summary>
/// Where a request carries its key: <c>X-API-Key</c>, or a bearer token for tools that can send nothing else (Prometheus).
/// </summary>
internal static class ApiKeyHeader
{
    public const string Name = "X-API-Key";
    private const string Bearer = "Bearer ";

    public static string? Read(HttpRequest request)
    {
        var key = request.Headers[Name].ToString();
        if (key.Length > 0)
            return key;
        var authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[Bearer.Length..].Trim() : null;
    }
}
