using Data.Cache.Local;
using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Cache;

/// <summary>Forwards every call to another cache. A decorator derives from it and overrides what it changes.</summary>
/// <remarks>As safe for concurrent use as <see cref="Inner"/>.</remarks>
/// <example>
/// <code>
/// public sealed class ReadOnlyCache(DataCache inner) : DelegatingDataCache
/// {
///     protected override DataCache Inner => inner;
///
///     public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default) =>
///         throw new NotSupportedException();
/// }
/// </code>
/// </example>
public abstract class DelegatingDataCache : DataCache
{
    /// <summary>Initializes the decorator.</summary>
    protected DelegatingDataCache()
    {
    }

    private protected DelegatingDataCache(LocalView local)
        : base(local)
    {
    }

    /// <summary>The cache that a call is forwarded to; read once per call.</summary>
    protected abstract DataCache Inner { get; }

    // What reads are forwarded to, where that differs.
    private protected virtual DataCache Reader => Inner;

    /// <inheritdoc/>
    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        Reader.GetOrCreateAsync(key, state, factory, options, tags, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        ReadOnlySpan<char> key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        Reader.GetOrCreateAsync(key, state, factory, options, tags, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CacheFactoryContext, CancellationToken, ValueTask<T>> factory,
        DataCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        Reader.GetOrCreateAsync(key, state, factory, options, tags, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask<CacheResult<T>> TryGetAsync<T>(string key, CancellationToken cancellationToken = default) =>
        Reader.TryGetAsync<T>(key, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask<IReadOnlyList<CacheResult<T>>> GetManyAsync<T>(
        IReadOnlyList<string> keys,
        CancellationToken cancellationToken = default) => Reader.GetManyAsync<T>(keys, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask SetAsync<T>(
        string key,
        T value,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) => Inner.SetAsync(key, value, options, tags, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask SetAsync<T>(
        string key,
        T value,
        DataCacheEntryOptions? options,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) => Inner.SetAsync(key, value, options, tags, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask SetManyAsync<T>(
        IReadOnlyCollection<KeyValuePair<string, T>> entries,
        DataCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) => Inner.SetManyAsync(entries, options, tags, cancellationToken);

    internal override bool ReachesRedis => Inner.ReachesRedis;

    internal override ValueTask TouchAsync(string key, TimeSpan timeToLive, CancellationToken cancellationToken) =>
        Inner.TouchAsync(key, timeToLive, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default) =>
        Inner.RemoveAsync(key, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask RemoveAsync(IEnumerable<string> keys, CancellationToken cancellationToken = default) =>
        Inner.RemoveAsync(keys, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default) =>
        Inner.RemoveByTagAsync(tag, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask RemoveByTagAsync(IEnumerable<string> tags, CancellationToken cancellationToken = default) =>
        Inner.RemoveByTagAsync(tags, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask<PatternRemovalResult> RemoveByPatternAsync(
        KeyPattern pattern,
        PatternRemovalOptions? options = null,
        CancellationToken cancellationToken = default) => Inner.RemoveByPatternAsync(pattern, options, cancellationToken);

    /// <inheritdoc/>
    public override DataCache ForTenant(string tenantId) => Inner.ForTenant(tenantId);

    /// <inheritdoc/>
    public override DataCache ForNamespace(string name) => Inner.ForNamespace(name);

    /// <inheritdoc/>
    public override DataCacheStatistics GetStatistics() => Inner.GetStatistics();
}
