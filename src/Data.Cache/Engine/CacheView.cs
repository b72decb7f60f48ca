using System.Runtime.CompilerServices;
using Data.Cache.Local;
using Data.Cache.Stampede;
using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Cache.Engine;

/// <summary>A two-level cache as callers see it: the view of the root, of a tenant or of a namespace.</summary>
internal sealed class CacheView : DataCache
{
    private readonly TwoLevelCache _cache;
    private readonly CacheScope _scope;

    public CacheView(TwoLevelCache cache, CacheScope scope)
        : this(cache, scope, new LocalView(cache.Local, scope.Prefix, scope.Hash, cache.Defaults.Flags))
    {
    }

    private CacheView(TwoLevelCache cache, CacheScope scope, LocalView local)
        : base(local)
    {
        _cache = cache;
        _scope = scope;
        Local = local;
    }

    public LocalView Local { get; }

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
        return Local.TryHit<T>(key, options?.Flags, out var value)
            ? new ValueTask<T>(value)
            : CreateAsync(key, state, factory, options, tags, cancellationToken);
    }

    /// <inheritdoc/>
    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        ReadOnlySpan<char> key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(factory);
        cancellationToken.ThrowIfCancellationRequested();
        return Local.TryHit<T>(key, options?.Flags, out var value)
            ? new ValueTask<T>(value)
            : CreateAsync(key.ToString(), state, factory, options, tags, cancellationToken);
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
        return Local.TryHit<T>(key, options?.Flags, out var value)
            ? new ValueTask<T>(value)
            : CreateAsync(key, state, factory, options, tags, cancellationToken);
    }

    /// <inheritdoc/>
    public override async ValueTask<CacheResult<T>> TryGetAsync<T>(string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        cancellationToken.ThrowIfCancellationRequested();
        if (Local.TryHit<T>(key, flags: null, out var value))
            return new CacheResult<T>(Found: true, value);
        if (!_cache.Rejections.Accepts(key))
            return default;
        var produced = await _cache.Reads
            .GetAsync(Request<T>(key, static (_, _) => default, _cache.Defaults.ReadOnly, []), cancellationToken)
            .ConfigureAwait(false);
        return produced.Found ? new CacheResult<T>(Found: true, produced.Take()) : default;
    }

    /// <inheritdoc/>
    public override async ValueTask<IReadOnlyList<CacheResult<T>>> GetManyAsync<T>(
        IReadOnlyList<string> keys,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var reads = new Task<CacheResult<T>>[keys.Count];
        for (var i = 0; i < reads.Length; i++)
            reads[i] = TryGetAsync<T>(keys[i], cancellationToken).AsTask();
        return await Task.WhenAll(reads).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override ValueTask SetAsync<T>(
        string key,
        T value,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default) =>
        SetAsync(key, value, EntryDefaults.Translate(options), tags, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask SetAsync<T>(
        string key,
        T value,
        DataCacheEntryOptions? options,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        cancellationToken.ThrowIfCancellationRequested();
        return _cache.Rejections.Rejects(key)
            ? default
            : _cache.Writer.SetAsync(
                _scope.FullName(key),
                value,
                _cache.Defaults.Resolve(options),
                List(tags),
                _scope,
                cancellationToken);
    }

    /// <inheritdoc/>
    public override async ValueTask SetManyAsync<T>(
        IReadOnlyCollection<KeyValuePair<string, T>> entries,
        DataCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var last = new Dictionary<string, T>(entries.Count, StringComparer.Ordinal);
        foreach (var (key, value) in entries)
            last[key] = value;
        var list = List(tags);
        await Task.WhenAll(last.Select(entry => SetAsync(entry.Key, entry.Value, options, list, cancellationToken).AsTask()))
            .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        cancellationToken.ThrowIfCancellationRequested();
        return _cache.Rejections.Accepts(key) ? _cache.Writer.RemoveAsync(_scope.FullName(key), cancellationToken) : default;
    }

    internal override bool ReachesRedis => _cache.Extension.ReachesRedis;

    internal override ValueTask TouchAsync(string key, TimeSpan timeToLive, CancellationToken cancellationToken) =>
        _cache.Rejections.Accepts(key) ? _cache.Extension.TouchAsync(_scope.FullName(key), timeToLive, cancellationToken) : default;

    /// <inheritdoc/>
    public override async ValueTask RemoveAsync(IEnumerable<string> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        await Task.WhenAll(keys.Distinct(StringComparer.Ordinal).Select(key => RemoveAsync(key, cancellationToken).AsTask()))
            .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tag);
        cancellationToken.ThrowIfCancellationRequested();
        return _cache.Tags.RemoveAsync(tag, _scope, cancellationToken);
    }

    /// <inheritdoc/>
    public override async ValueTask RemoveByTagAsync(IEnumerable<string> tags, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tags);
        await Task.WhenAll(tags.Distinct(StringComparer.Ordinal).Select(tag => RemoveByTagAsync(tag, cancellationToken).AsTask()))
            .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override ValueTask<PatternRemovalResult> RemoveByPatternAsync(
        KeyPattern pattern,
        PatternRemovalOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        options ??= new PatternRemovalOptions();
        if (options.BatchSize is < 10 or > 10_000)
            throw new ArgumentOutOfRangeException(nameof(options), options.BatchSize, "BatchSize must be between 10 and 10,000.");
        cancellationToken.ThrowIfCancellationRequested();
        return _cache.Patterns.RunAsync(_scope, pattern, options, cancellationToken);
    }

    /// <inheritdoc/>
    public override DataCache ForTenant(string tenantId) => Tenant(tenantId);

    /// <inheritdoc/>
    public override DataCache ForNamespace(string name) => Namespace(name);

    public CacheView Tenant(string tenantId) => new(_cache, _scope.Tenant(tenantId));

    public CacheView Namespace(string name) => new(_cache, _scope.Namespace(name));

    /// <inheritdoc/>
    public override DataCacheStatistics GetStatistics() => _cache.Read();

    private static string[] List(IEnumerable<string>? tags) => tags is null ? [] : [.. tags];

    private CacheRequest<T> Request<T>(
        string key,
        Func<CacheFactoryContext, CancellationToken, ValueTask<T>> factory,
        DataCacheEntryOptions options,
        string[] tags,
        TimeSpan waited = default) => new(_scope.FullName(key), key, options, tags, _scope, factory, waited);

    private ValueTask<T> CreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options,
        IEnumerable<string>? tags,
        CancellationToken cancellationToken)
    {
        if (_cache.Bypass is { } bypass && bypass.Allows(options?.Flags ?? _cache.Defaults.Flags) && _cache.Rejections.Accepts(key))
            return BypassAsync(bypass, key, state, factory, options, tags, cancellationToken);
        return Join<T>(key, options?.Flags) is { } flight
            ? TakeAsync(flight, cancellationToken)
            : RunAsync(key, state, factory, options, tags, waited: default, cancellationToken);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<T> BypassAsync<TState, T>(
        LocalBypass bypass,
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options,
        IEnumerable<string>? tags,
        CancellationToken cancellationToken)
    {
        var name = _scope.FullName(key);
        var read = bypass.ReadAsync(name, cancellationToken);
        var started = bypass.Timestamp();
        var answer = await read.ConfigureAwait(false);
        if (bypass.TryUse<T>(name, answer, out var produced))
            return produced.Take()!;
        return await RunAsync(key, state, factory, options, tags, bypass.Since(started), cancellationToken).ConfigureAwait(false);
    }

    // The closure is created here and not in the callers, which would allocate it for hits too.
    private ValueTask<T> RunAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options,
        IEnumerable<string>? tags,
        TimeSpan waited,
        CancellationToken cancellationToken) =>
        CreateAsync(key, (_, token) => factory(state, token), EntryDefaults.Translate(options), tags, waited, cancellationToken);

    private ValueTask<T> CreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CacheFactoryContext, CancellationToken, ValueTask<T>> factory,
        DataCacheEntryOptions? options,
        IEnumerable<string>? tags,
        CancellationToken cancellationToken) =>
        Join<T>(key, options?.Flags) is { } flight
            ? TakeAsync(flight, cancellationToken)
            : MakeAsync(key, state, factory, options, tags, cancellationToken);

    // The closure is created here and not in the callers, which would allocate it for those who join too.
    private ValueTask<T> MakeAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CacheFactoryContext, CancellationToken, ValueTask<T>> factory,
        DataCacheEntryOptions? options,
        IEnumerable<string>? tags,
        CancellationToken cancellationToken) =>
        CreateAsync(key, (context, token) => factory(state, context, token), options, tags, waited: default, cancellationToken);

    // Flights of requests without flags are the ones to join; flags may be those of the cache.
    private Flight<T>? Join<T>(string key, HybridCacheEntryFlags? flags) =>
        (flags ?? _cache.Defaults.Flags) == HybridCacheEntryFlags.None ? _cache.Reads.TryJoin<T>(_scope.FullName(key)) : null;

    private ValueTask<T> TakeAsync<T>(Flight<T> flight, CancellationToken cancellationToken)
    {
        return !cancellationToken.CanBeCanceled && flight.TryShare(out var value) ? new ValueTask<T>(value) : TakeOwnAsync();

        async ValueTask<T> TakeOwnAsync() => (await _cache.Reads.WaitAsync(flight, cancellationToken).ConfigureAwait(false)).Take()!;
    }

    private async ValueTask<T> CreateAsync<T>(
        string key,
        Func<CacheFactoryContext, CancellationToken, ValueTask<T>> factory,
        DataCacheEntryOptions? given,
        IEnumerable<string>? tags,
        TimeSpan waited,
        CancellationToken cancellationToken)
    {
        var options = _cache.Defaults.WithFlags(given);
        if (_cache.Rejections.Rejects(key))
        {
            if (options.Flags?.HasFlag(HybridCacheEntryFlags.DisableUnderlyingData) == true)
                return default!;
            return await factory(new CacheFactoryContext(key, options, List(tags)), cancellationToken).ConfigureAwait(false);
        }

        var request = Request(key, factory, options, List(tags), waited);
        if (_cache.Reads.TryServe(request, out var value))
            return value;
        var produced = await _cache.Reads.GetAsync(request, cancellationToken).ConfigureAwait(false);
        return produced.Take()!;
    }
}
