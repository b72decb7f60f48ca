namespace Data.Cache.Engine;

/// <summary>The request of a caller.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
/// <param name="Name">Full name: scope and key.</param>
/// <param name="Key">Key as the caller gave it.</param>
/// <param name="Options">Options as the caller gave them.</param>
/// <param name="Tags">Tags as the caller gave them.</param>
/// <param name="Scope">Scope of key and tags.</param>
/// <param name="Factory">Produces the value.</param>
/// <param name="Waited">How long the caller has already waited for Redis.</param>
internal sealed record CacheRequest<T>(
    string Name,
    string Key,
    DataCacheEntryOptions Options,
    IReadOnlyList<string> Tags,
    CacheScope Scope,
    Func<CacheFactoryContext, CancellationToken, ValueTask<T>> Factory,
    TimeSpan Waited = default);
