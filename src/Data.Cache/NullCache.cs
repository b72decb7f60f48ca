using Data.Cache.Internal;
using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Cache;

/// <summary>A complete cache that stores nothing: every factory runs, every read misses, every removal succeeds.</summary>
/// <remarks>
/// Stateless and safe for concurrent use. Stands in wherever caching is switched off, so that no caller needs a null check.
/// </remarks>
public sealed class NullCache : DataCache
{
    private NullCache()
    {
    }

    /// <summary>The only instance.</summary>
    public static NullCache Instance { get; } = new();

    /// <inheritdoc/>
    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(factory);
        cancellationToken.ThrowIfCancellationRequested();
        return options?.Flags?.HasFlag(HybridCacheEntryFlags.DisableUnderlyingData) == true
            ? new ValueTask<T>(default(T)!)
            : factory(state, cancellationToken);
    }

    /// <inheritdoc/>
    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CacheFactoryContext, CancellationToken, ValueTask<T>> factory,
        DataCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(factory);
        cancellationToken.ThrowIfCancellationRequested();
        if (options?.Flags?.HasFlag(HybridCacheEntryFlags.DisableUnderlyingData) == true)
            return new ValueTask<T>(default(T)!);
        var context = new CacheFactoryContext(key, options ?? new DataCacheEntryOptions(), tags is null ? [] : [.. tags]);
        return factory(state, context, cancellationToken);
    }

    /// <inheritdoc/>
    public override ValueTask<CacheResult<T>> TryGetAsync<T>(string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new ValueTask<CacheResult<T>>(default(CacheResult<T>));
    }

    /// <inheritdoc/>
    public override ValueTask<IReadOnlyList<CacheResult<T>>> GetManyAsync<T>(
        IReadOnlyList<string> keys,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return new ValueTask<IReadOnlyList<CacheResult<T>>>(new CacheResult<T>[keys.Count]);
    }

    /// <inheritdoc/>
    public override ValueTask SetAsync<T>(
        string key,
        T value,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return default;
    }

    /// <inheritdoc/>
    public override ValueTask SetAsync<T>(
        string key,
        T value,
        DataCacheEntryOptions? options,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return default;
    }

    /// <inheritdoc/>
    public override ValueTask SetManyAsync<T>(
        IReadOnlyCollection<KeyValuePair<string, T>> entries,
        DataCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        return default;
    }

    /// <inheritdoc/>
    public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return default;
    }

    /// <inheritdoc/>
    public override ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tag);
        return default;
    }

    /// <inheritdoc/>
    public override ValueTask<PatternRemovalResult> RemoveByPatternAsync(
        KeyPattern pattern,
        PatternRemovalOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        return new ValueTask<PatternRemovalResult>(default(PatternRemovalResult));
    }

    /// <inheritdoc/>
    public override DataCache ForTenant(string tenantId)
    {
        KeyRules.RequireScope(tenantId, nameof(tenantId));
        return this;
    }

    /// <inheritdoc/>
    public override DataCache ForNamespace(string name)
    {
        KeyRules.RequireScope(name, nameof(name));
        return this;
    }

    /// <inheritdoc/>
    public override DataCacheStatistics GetStatistics() => new() { OutageMode = OutageMode.NoOp };
}
