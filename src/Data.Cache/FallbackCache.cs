using Data.Cache.Engine;
using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Cache;

/// <summary>The cache over Redis that decides what happens while Redis is away: go on locally, fail, or do nothing.</summary>
/// <remarks>
/// Safe for concurrent use. In <see cref="OutageMode.Local"/> and <see cref="OutageMode.Strict"/> the two-level cache itself carries on or
/// throws; in <see cref="OutageMode.NoOp"/> calls go to <see cref="NullCache"/> until Redis is back. Changes are logged once and counted.
/// </remarks>
public sealed class FallbackCache : DataCache, IAsyncDisposable
{
    private readonly bool _isNoOp;

    internal FallbackCache(CoreCache primary)
        : base(primary)
    {
        Primary = primary;
        _isNoOp = primary.Core.Options.OutageMode == OutageMode.NoOp;
    }

    /// <summary>Whether Redis is away, so that the outage mode applies.</summary>
    public bool IsAway => Primary.Core.IsAway;

    internal CoreCache Primary { get; }

    private DataCache Active => _isNoOp && Primary.Core.IsAway ? NullCache.Instance : Primary;

    /// <inheritdoc/>
    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        _isNoOp ?
            Active.GetOrCreateAsync(key, state, factory, options, tags, cancellationToken) :
            Primary.GetOrCreateAsync(key, state, factory, options, tags, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        ReadOnlySpan<char> key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        Active.GetOrCreateAsync(key, state, factory, options, tags, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CacheFactoryContext, CancellationToken, ValueTask<T>> factory,
        DataCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        Active.GetOrCreateAsync(key, state, factory, options, tags, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask<CacheResult<T>> TryGetAsync<T>(string key, CancellationToken cancellationToken = default) =>
        Active.TryGetAsync<T>(key, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask<IReadOnlyList<CacheResult<T>>> GetManyAsync<T>(
        IReadOnlyList<string> keys,
        CancellationToken cancellationToken = default) =>
        Active.GetManyAsync<T>(keys, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask SetAsync<T>(
        string key,
        T value,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) => Primary.SetAsync(key, value, options, tags, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask SetAsync<T>(
        string key,
        T value,
        DataCacheEntryOptions? options,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) => Primary.SetAsync(key, value, options, tags, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask SetManyAsync<T>(
        IReadOnlyCollection<KeyValuePair<string, T>> entries,
        DataCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) => Primary.SetManyAsync(entries, options, tags, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default) =>
        Primary.RemoveAsync(key, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask RemoveAsync(IEnumerable<string> keys, CancellationToken cancellationToken = default) =>
        Primary.RemoveAsync(keys, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default) =>
        Primary.RemoveByTagAsync(tag, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask RemoveByTagAsync(IEnumerable<string> tags, CancellationToken cancellationToken = default) =>
        Primary.RemoveByTagAsync(tags, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask<PatternRemovalResult> RemoveByPatternAsync(
        KeyPattern pattern,
        PatternRemovalOptions? options = null,
        CancellationToken cancellationToken = default) => Primary.RemoveByPatternAsync(pattern, options, cancellationToken);

    /// <inheritdoc/>
    public override DataCache ForTenant(string tenantId) => new FallbackCache((CoreCache)Primary.ForTenant(tenantId));

    /// <inheritdoc/>
    public override DataCache ForNamespace(string name) => new FallbackCache((CoreCache)Primary.ForNamespace(name));

    /// <inheritdoc/>
    public override DataCacheStatistics GetStatistics() => Primary.GetStatistics();

    /// <summary>Closes the connection. Views of tenants and namespaces share it, so only the cache they came from is disposed.</summary>
    /// <returns>A task that ends when the connection's loop has ended.</returns>
    public ValueTask DisposeAsync() => Primary.Core.DisposeAsync();
}
