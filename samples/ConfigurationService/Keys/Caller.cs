namespace ConfigurationService.Keys;

/// <summary>
/// Who sent a request: the key's name signs the history, its tenant (null: an administrator's) and scopes bound what it may do.
/// </summary>
internal sealed record Caller(Guid KeyId, string Name, string? Tenant, ApiScopes Scopes)
{
    public static Caller Of(HttpContext context) =>
        context.Features.Get<Caller>() ?? throw new InvalidOperationException("The endpoint was reached without a caller.");
}
