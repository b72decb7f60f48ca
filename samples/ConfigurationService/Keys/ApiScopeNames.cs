namespace ConfigurationService.Keys;

/// <summary>Scopes as they are written in JSON and in the database.</summary>
internal static class ApiScopeNames
{
    public static readonly IReadOnlyList<string> All = ["read", "write", "admin"];

    public static ApiScopes? Parse(string name) => name switch
    {
        "read" => ApiScopes.Read,
        "write" => ApiScopes.Write,
        "admin" => ApiScopes.Admin,
        _ => null,
    };

    public static ApiScopes Combine(IEnumerable<string> names) =>
        names.Aggregate(ApiScopes.None, static (all, name) => all | (Parse(name) ?? ApiScopes.None));

    public static string[] Of(ApiScopes scopes) => [.. All.Where(name => scopes.HasFlag(Parse(name)!.Value))];
}
