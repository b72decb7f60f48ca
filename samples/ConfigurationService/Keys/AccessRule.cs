namespace ConfigurationService.Keys;

/// <summary>What an endpoint asks of a key: a scope, and whose key it may be.</summary>
internal sealed record AccessRule(ApiScopes Scope, KeyReach Reach);
