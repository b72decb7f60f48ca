namespace Data.Cache;

/// <summary>Something that happened in a cache.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Cache"><see cref="DataCacheOptions.KeyPrefix"/> of the cache.</param>
/// <param name="Scope">Tenant and namespace as in keys of Redis, such as <c>t=acme,n=reports</c>; empty outside of both.</param>
/// <param name="Name">The key, tag or pattern as the caller gave it; null for events of the link.</param>
/// <param name="Error">The failure of a factory; null for other events.</param>
public readonly record struct CacheEvent(CacheEventKind Kind, string Cache, string Scope, string? Name, Exception? Error);
