namespace Data.Cache.Engine;

/// <summary>What a caller asks for.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
/// <param name="Name">Full name: scope and key.</param>
/// <param name="Key">Key as the caller gave it.</param>
/// <param name="Options">Options as the caller gave them.</param>
/// <param name="Tags">Tags as the caller gave them.</param>
/// <param name="Scope">Where key and tags belong.</param>
/// <param name="Factory">Produces the value.</param>
internal sealed record CacheRequest<T>(
    string Name,
    string Key,
    DataCacheEntryOptions Options,
    IReadOnlyList<string> Tags,
    CacheScope Scope,
    Func<CacheFactoryContext, CancellationToken, ValueTask<T>> Factory);
