using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Cache.Engine;

/// <summary>Sends every call to the view of the tenant it is made for.</summary>
internal sealed class AmbientTenantCache(DataCache root) : DataCache
{
    // One view is kept: most calls in a row are made for the same tenant.
    private volatile View? _last;

    private DataCache Cache
    {
        get
        {
            var tenant = CacheTenant.Current
                ?? throw new InvalidOperationException("No tenant is in scope. Call CacheTenant.Enter, or use ForTenant.");
            if (_last is { } last && string.Equals(last.Tenant, tenant, StringComparison.Ordinal))
                return last.Cache;
            var cache = root.ForTenant(tenant);
            _last = new View(tenant, cache);
            return cache;
        }
    }

    /// <inheritdoc/>
    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        Cache.GetOrCreateAsync(key, state, factory, options, tags, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        ReadOnlySpan<char> key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        Cache.GetOrCreateAsync(key, state, factory, options, tags, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CacheFactoryContext, CancellationToken, ValueTask<T>> factory,
        DataCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        Cache.GetOrCreateAsync(key, state, factory, options, tags, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask<CacheResult<T>> TryGetAsync<T>(string key, CancellationToken cancellationToken = default) =>
        Cache.TryGetAsync<T>(key, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask<IReadOnlyList<CacheResult<T>>> GetManyAsync<T>(
        IReadOnlyList<string> keys,
        CancellationToken cancellationToken = default) => Cache.GetManyAsync<T>(keys, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask SetAsync<T>(
        string key,
        T value,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        Cache.SetAsync(key, value, options, tags, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask SetAsync<T>(
        string key,
        T value,
        DataCacheEntryOptions? options,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        Cache.SetAsync(key, value, options, tags, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask SetManyAsync<T>(
        IReadOnlyCollection<KeyValuePair<string, T>> entries,
        DataCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        Cache.SetManyAsync(entries, options, tags, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default) =>
        Cache.RemoveAsync(key, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask RemoveAsync(IEnumerable<string> keys, CancellationToken cancellationToken = default) =>
        Cache.RemoveAsync(keys, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default) =>
        Cache.RemoveByTagAsync(tag, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask RemoveByTagAsync(IEnumerable<string> tags, CancellationToken cancellationToken = default) =>
        Cache.RemoveByTagAsync(tags, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask<PatternRemovalResult> RemoveByPatternAsync(
        KeyPattern pattern,
        PatternRemovalOptions? options = null,
        CancellationToken cancellationToken = default) =>
        Cache.RemoveByPatternAsync(pattern, options, cancellationToken);

    /// <summary>A tenant's tenant is a scope of its own, as with any view.</summary>
    public override DataCache ForTenant(string tenantId) => Cache.ForTenant(tenantId);

    /// <inheritdoc/>
    public override DataCache ForNamespace(string name) => Cache.ForNamespace(name);

    /// <inheritdoc/>
    public override DataCacheStatistics GetStatistics() => root.GetStatistics();

    private sealed record View(string Tenant, DataCache Cache);
}
