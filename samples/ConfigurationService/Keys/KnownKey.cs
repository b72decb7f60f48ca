namespace ConfigurationService.Keys;

/// <summary>What the cache remembers of a key: enough to recognise it and to say who it is, not enough to use it.</summary>
internal sealed record KnownKey(Guid Id, string Name, byte[] Hash, string? Tenant, ApiScopes Scopes, DateTimeOffset? ExpiresAt);
