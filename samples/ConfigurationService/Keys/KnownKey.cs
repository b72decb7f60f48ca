using ConfigurationService.Persistence.Model;

namespace ConfigurationService.Keys;

/// <summary>What the cache remembers of a key: enough to recognise it and to say who it is, not enough to use it.</summary>
internal sealed record KnownKey(Guid Id, string Name, byte[] Hash, string? Tenant, ApiScopes Scopes, DateTimeOffset? ExpiresAt)
{
    public static KnownKey Of(ApiKey key) => new(
        key.Id,
        key.Name,
        key.KeyHash,
        key.TenantId,
        ApiScopeNames.Combine(key.Scopes),
        key.ExpiresAt is { } end ? new DateTimeOffset(end, TimeSpan.Zero) : null);
}
