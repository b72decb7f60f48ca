using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Data.Cache.Internal;
using Data.Cache.Local;
using Data.Cache.Stampede;
using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Cache.Engine;

/// <summary>The two-level cache as callers see it: one view, the root's or a scope's, of a core.</summary>
internal sealed class CoreCache(CacheCore core, CacheScope scope) : DataCache(local: null)
{
    public CacheCore Core => core;

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
        if ((options is null || ReadsLocal(options.Flags)) && FindLocal(key) is TypedEntry<T> hit)
            return new ValueTask<T>(Use(hit));
        return CreateAsync(key, state, factory, options, tags, cancellationToken);
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
        if ((options is null || ReadsLocal(options.Flags)) && FindLocal(key) is TypedEntry<T> hit)
            return new ValueTask<T>(Use(hit));
        return CreateAsync(key.ToString(), state, factory, options, tags, cancellationToken);
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
        if ((options is null || ReadsLocal(options.Flags)) && FindLocal(key) is TypedEntry<T> hit)
            return new ValueTask<T>(Use(hit));
        return CreateAsync(key, state, factory, options, tags, cancellationToken);
    }

    /// <inheritdoc/>
    public override async ValueTask<CacheResult<T>> TryGetAsync<T>(string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        cancellationToken.ThrowIfCancellationRequested();
        if (FindLocal(key) is TypedEntry<T> hit)
            return new CacheResult<T>(Found: true, Use(hit));
        if (!KeyRules.IsValid(key))
            return default;
        var produced = await FlyAsync(Request<T>(key, static (_, _) => default, EntryDefaults.ReadOnly, []), cancellationToken)
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
        return core.Writer.SetAsync(scope.FullName(key), value, core.Defaults.Resolve(options), List(tags), scope, cancellationToken);
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
        return core.Writer.RemoveAsync(scope.FullName(key), scope, cancellationToken);
    }

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
        return core.Writer.RemoveTagAsync(tag, scope, cancellationToken);
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
            throw new ArgumentOutOfRangeException(nameof(options), options.BatchSize, "BatchSize must lie between 10 and 10,000.");
        cancellationToken.ThrowIfCancellationRequested();
        return PatternRemoval.RunAsync(core, scope, pattern, options, cancellationToken);
    }

    /// <inheritdoc/>
    public override DataCache ForTenant(string tenantId) => new CoreCache(core, scope.Tenant(tenantId));

    /// <inheritdoc/>
    public override DataCache ForNamespace(string name) => new CoreCache(core, scope.Namespace(name));

    /// <inheritdoc/>
    public override DataCacheStatistics GetStatistics() => Statistics.Of(core);

    private static string[] List(IEnumerable<string>? tags) => tags is null ? [] : [.. tags];

    private static bool ReadsLocal(HybridCacheEntryFlags? flags) =>
        flags is null || !flags.Value.HasFlag(HybridCacheEntryFlags.DisableLocalCacheRead);

    /// <summary>Finds a fresh value of the local level, unless the flags forbid that.</summary>
    public bool TryHit<T>(string key, HybridCacheEntryFlags? flags, [MaybeNullWhen(false)] out T value)
    {
        if (ReadsLocal(flags) && FindLocal(key) is TypedEntry<T> hit)
        {
            value = Use(hit);
            return true;
        }

        value = default;
        return false;
    }

    private T Use<T>(TypedEntry<T> hit)
    {
        core.Counters.LocalHits.Increment();
        return hit.Value!;
    }

    // Not generic, and not inlined where it would be: code shared by all reference types is compiled with less care for its registers.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private LocalEntry? FindLocal(ReadOnlySpan<char> key) => core.FindLocal(scope.Prefix, key, NameHash.OfKey(scope.Hash, key));

    private CacheRequest<T> Request<T>(
        string key,
        Func<CacheFactoryContext, CancellationToken, ValueTask<T>> factory,
        DataCacheEntryOptions options,
        string[] tags) => new(scope.FullName(key), key, options, tags, scope, factory);

    // The closures are made here and not in the callers: theirs would be allocated for hits too.
    private ValueTask<T> CreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options,
        IEnumerable<string>? tags,
        CancellationToken cancellationToken)
    {
        if (options?.Flags is { } flags && Passing.Allows(core, flags, key))
            return PassAsync(key, state, factory, options, tags, cancellationToken);
        return Closed(this, key, state, factory, options, tags, cancellationToken);

        static ValueTask<T> Closed(
            CoreCache cache,
            string key,
            TState state,
            Func<TState, CancellationToken, ValueTask<T>> factory,
            HybridCacheEntryOptions? options,
            IEnumerable<string>? tags,
            CancellationToken cancellationToken) =>
            cache.CreateAsync(key, (_, token) => factory(state, token), EntryDefaults.Translate(options), tags, cancellationToken);
    }

    private ValueTask<T> CreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CacheFactoryContext, CancellationToken, ValueTask<T>> factory,
        DataCacheEntryOptions? options,
        IEnumerable<string>? tags,
        CancellationToken cancellationToken) =>
        CreateAsync(key, (context, token) => factory(state, context, token), options ?? EntryDefaults.None, tags, cancellationToken);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<T> PassAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions options,
        IEnumerable<string>? tags,
        CancellationToken cancellationToken)
    {
        var name = scope.FullName(key);
        if (!core.Replay!.Distrusts(name))
        {
            var answer = await core.Store!.GetAsync(name, core.Options.RemoteSoftTimeout, cancellationToken).ConfigureAwait(false);
            if (answer.Succeeded && core.Reader.TryUse<T>(answer.Value, out var produced))
            {
                core.Counters.RemoteHits.Increment();
                return produced.Take()!;
            }
        }

        return await Closed(this, key, state, factory, options, tags, cancellationToken).ConfigureAwait(false);

        static ValueTask<T> Closed(
            CoreCache cache,
            string key,
            TState state,
            Func<TState, CancellationToken, ValueTask<T>> factory,
            HybridCacheEntryOptions options,
            IEnumerable<string>? tags,
            CancellationToken cancellationToken) =>
            cache.CreateAsync(key, (_, token) => factory(state, token), EntryDefaults.Translate(options), tags, cancellationToken);
    }

    private async ValueTask<T> CreateAsync<T>(
        string key,
        Func<CacheFactoryContext, CancellationToken, ValueTask<T>> factory,
        DataCacheEntryOptions options,
        IEnumerable<string>? tags,
        CancellationToken cancellationToken)
    {
        if (!KeyRules.IsValid(key))
        {
            core.Counters.Bypasses.Increment();
            core.Log.BadName(key.Length);
            if (options.Flags?.HasFlag(HybridCacheEntryFlags.DisableUnderlyingData) == true)
                return default!;
            return await factory(new CacheFactoryContext(key, options, List(tags)), cancellationToken).ConfigureAwait(false);
        }

        var request = Request(key, factory, options, List(tags));
        if (Refreshes.TryServe(core, request, out var value))
            return value;
        var produced = await FlyAsync(request, cancellationToken).ConfigureAwait(false);
        return produced.Take()!;
    }

    private async ValueTask<Serialization.Produced<T>> FlyAsync<T>(CacheRequest<T> request, CancellationToken cancellationToken)
    {
        var flight = Flights.Join(core, request);
        if (!cancellationToken.CanBeCanceled)
            return await flight.Result.ConfigureAwait(false);
        try
        {
            return await flight.Result.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && !flight.Result.IsCompleted)
        {
            if (flight.Leave())
                core.Flights.TryRemove(KeyValuePair.Create(request.Name, (Flight)flight));
            throw;
        }
    }
}
