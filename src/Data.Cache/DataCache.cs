using Data.Cache.Local;
using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Cache;

/// <summary>
/// The framework's <see cref="HybridCache"/> with reads without a factory, bulk operations, removal by pattern,
/// scopes and statistics.
/// </summary>
/// <remarks>
/// Every implementation is safe for concurrent use and meant to live as long as the application. Code written against
/// <see cref="HybridCache"/> runs unchanged. Keys have at most 1,024 characters and no control characters; a key, tag or
/// payload that breaks a limit is not cached and never fails the caller.
/// </remarks>
/// <example>
/// <code>
/// public sealed record Weather(double Celsius);
///
/// public sealed class WeatherReports(DataCache cache, HttpClient http)
/// {
///     public ValueTask&lt;Weather?&gt; FindAsync(string tenant, string city, CancellationToken cancellationToken) =>
///         cache.ForTenant(tenant).GetOrCreateAsync(
///             $"weather:{city}",
///             async (context, token) => await http.GetFromJsonAsync&lt;Weather&gt;($"/weather/{city}", token),
///             new DataCacheEntryOptions { Expiration = TimeSpan.FromMinutes(5), NegativeExpiration = TimeSpan.FromSeconds(15) },
///             cancellationToken: cancellationToken);
/// }
/// </code>
/// </example>
public abstract class DataCache : HybridCache
{
    private readonly LocalView? _local;

    /// <summary>Initializes a cache of another kind, such as a decorator.</summary>
    protected DataCache()
    {
    }

    // Hits are looked up before any virtual call: dispatching a generic virtual method costs a third of a hit.
    private protected DataCache(LocalView local) => _local = local;

    /// <summary>Returns the cached value, or runs a factory and caches its result.</summary>
    /// <typeparam name="TState">Type of the state handed to the factory.</typeparam>
    /// <typeparam name="T">Type of the value; the same type comes back on a hit and on a miss.</typeparam>
    /// <param name="key">Key of the entry: 1 to 1,024 characters, no control characters.</param>
    /// <param name="state">Handed to the factory, so that the delegate needs no closure.</param>
    /// <param name="factory">Produces the value. Runs once for all concurrent callers; its token fires when every caller has cancelled or
    /// the hard time-out has passed.</param>
    /// <param name="options">Options of this entry; null takes the defaults of the cache.</param>
    /// <param name="tags">Tags of the entry; null for none.</param>
    /// <param name="cancellationToken">Stops the wait of this caller; the factory continues for the other callers.</param>
    /// <returns>The value, which may be stale when fail-safe allows it.</returns>
    /// <remarks>
    /// The fastest local hit: it allocates nothing, makes no round trip and, unlike a call through the framework's type, is not virtual. A
    /// remote hit makes one round trip.
    /// </remarks>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    /// <exception cref="TimeoutException">The factory exceeded the hard time-out and there was no stale value.</exception>
    /// <exception cref="CacheUnavailableException">Redis is not available and the outage mode is
    /// <see cref="OutageMode.Strict"/>.</exception>
    public ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        DataCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(factory);
        cancellationToken.ThrowIfCancellationRequested();
        if (_local is { } local && local.TryHit<T>(key, options?.Flags, out var value))
            return new ValueTask<T>(value);
        return GetOrCreateAsync(
            key,
            (state, factory),
            static (call, _, token) => call.factory(call.state, token),
            options,
            tags,
            cancellationToken);
    }

    /// <summary>
    /// Returns the cached value, or runs a factory that may set the entry's options while it runs, and caches its result.
    /// </summary>
    /// <typeparam name="TState">Type of the state handed to the factory.</typeparam>
    /// <typeparam name="T">Type of the value; the same type comes back on a hit and on a miss.</typeparam>
    /// <param name="key">Key of the entry: 1 to 1,024 characters, no control characters.</param>
    /// <param name="state">Handed to the factory, so that the delegate needs no closure.</param>
    /// <param name="factory">Produces the value. Runs once for all concurrent callers; its token fires when every caller has cancelled or
    /// the hard time-out has passed.</param>
    /// <param name="options">Options of this entry; null takes the defaults of the cache.</param>
    /// <param name="tags">Tags of the entry; null for none.</param>
    /// <param name="cancellationToken">Stops the wait of this caller; the factory continues for the other callers.</param>
    /// <returns>The value, which may be stale when fail-safe allows it.</returns>
    /// <remarks>A local hit allocates nothing and makes no round trip; a remote hit makes one.</remarks>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    /// <exception cref="TimeoutException">The factory exceeded the hard time-out and there was no stale value.</exception>
    /// <exception cref="CacheUnavailableException">Redis is not available and the outage mode is
    /// <see cref="OutageMode.Strict"/>.</exception>
    public abstract ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CacheFactoryContext, CancellationToken, ValueTask<T>> factory,
        DataCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default);

    /// <summary>
    /// Returns the cached value, or runs a factory that may set the entry's options while it runs, and caches its result.
    /// </summary>
    /// <typeparam name="T">Type of the value; the same type comes back on a hit and on a miss.</typeparam>
    /// <param name="key">Key of the entry: 1 to 1,024 characters, no control characters.</param>
    /// <param name="factory">Produces the value. Runs once for all concurrent callers; its token fires when every caller has cancelled or
    /// the hard time-out has passed.</param>
    /// <param name="options">Options of this entry; null takes the defaults of the cache.</param>
    /// <param name="tags">Tags of the entry; null for none.</param>
    /// <param name="cancellationToken">Stops the wait of this caller; the factory continues for the other callers.</param>
    /// <returns>The value, which may be stale when fail-safe allows it.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    /// <exception cref="TimeoutException">The factory exceeded the hard time-out and there was no stale value.</exception>
    /// <exception cref="CacheUnavailableException">Redis is not available and the outage mode is
    /// <see cref="OutageMode.Strict"/>.</exception>
    public ValueTask<T> GetOrCreateAsync<T>(
        string key,
        Func<CacheFactoryContext, CancellationToken, ValueTask<T>> factory,
        DataCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(factory);
        cancellationToken.ThrowIfCancellationRequested();
        if (_local is { } local && local.TryHit<T>(key, options?.Flags, out var value))
            return new ValueTask<T>(value);
        return GetOrCreateAsync(key, factory, static (run, context, token) => run(context, token), options, tags, cancellationToken);
    }

    /// <summary>Reads a value without creating it.</summary>
    /// <typeparam name="T">Type of the value.</typeparam>
    /// <param name="key">Key of the entry.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <returns>The value when a fresh one is cached, else a result whose <see cref="CacheResult{T}.Found"/> is false.</returns>
    /// <remarks>No stale value is returned. At most one round trip.</remarks>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    /// <exception cref="CacheUnavailableException">Redis is not available and the outage mode is
    /// <see cref="OutageMode.Strict"/>.</exception>
    public abstract ValueTask<CacheResult<T>> TryGetAsync<T>(string key, CancellationToken cancellationToken = default);

    /// <summary>Stores a value in both levels and replaces whatever they hold.</summary>
    /// <typeparam name="T">Type of the value.</typeparam>
    /// <param name="key">Key of the entry.</param>
    /// <param name="value">The value; null is cached as a negative result.</param>
    /// <param name="options">Options of this entry.</param>
    /// <param name="tags">Tags of the entry; null for none.</param>
    /// <param name="cancellationToken">Stops the wait; a write already sent is not undone.</param>
    /// <returns>A task that ends when both levels hold the value or, while Redis is disconnected, when the write is queued for
    /// replay.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    /// <exception cref="CacheUnavailableException">Redis is not available and the outage mode is
    /// <see cref="OutageMode.Strict"/>.</exception>
    public abstract ValueTask SetAsync<T>(
        string key,
        T value,
        DataCacheEntryOptions? options,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default);

    /// <summary>Reads many values at once.</summary>
    /// <typeparam name="T">Type of the values.</typeparam>
    /// <param name="keys">Keys, in any order, duplicates allowed.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <returns>One result per key, in the order of <paramref name="keys"/>; an empty list for none.</returns>
    /// <remarks>The keys missing locally are read in one pipelined batch.</remarks>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    /// <exception cref="CacheUnavailableException">Redis is not available and the outage mode is
    /// <see cref="OutageMode.Strict"/>.</exception>
    public abstract ValueTask<IReadOnlyList<CacheResult<T>>> GetManyAsync<T>(
        IReadOnlyList<string> keys,
        CancellationToken cancellationToken = default);

    /// <summary>Stores many values at once.</summary>
    /// <typeparam name="T">Type of the values.</typeparam>
    /// <param name="entries">Keys and values; the last one of a repeated key wins.</param>
    /// <param name="options">Options of every entry; null takes the defaults of the cache.</param>
    /// <param name="tags">Tags of every entry; null for none.</param>
    /// <param name="cancellationToken">Stops the wait; writes already sent are not undone.</param>
    /// <returns>A task that ends when all are stored or queued.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    /// <exception cref="CacheUnavailableException">Redis is not available and the outage mode is
    /// <see cref="OutageMode.Strict"/>.</exception>
    public abstract ValueTask SetManyAsync<T>(
        IReadOnlyCollection<KeyValuePair<string, T>> entries,
        DataCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default);

    /// <summary>Removes every key that matches a pattern, in Redis and in the local level of every node.</summary>
    /// <param name="pattern">What to remove; relative to this cache's tenant or namespace.</param>
    /// <param name="options">Dry run, batch size and progress; null for the defaults.</param>
    /// <param name="cancellationToken">Stops between two batches; what is removed stays removed.</param>
    /// <returns>How many keys were removed (or would be, in a dry run), and whether Redis was disconnected, so that the rest follows when
    /// it is back.</returns>
    /// <remarks>
    /// Streams SCAN on every primary in parallel and unlinks in batches; cost grows with the whole key space, not with the
    /// matches. For whole namespaces <see cref="ForNamespace"/> with <c>RemoveByTagAsync("*")</c> needs one round trip.
    /// </remarks>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    /// <exception cref="CacheUnavailableException">Redis is not available and the outage mode is
    /// <see cref="OutageMode.Strict"/>.</exception>
    public abstract ValueTask<PatternRemovalResult> RemoveByPatternAsync(
        KeyPattern pattern,
        PatternRemovalOptions? options = null,
        CancellationToken cancellationToken = default);

    /// <summary>
    /// Creates values that are not cached, a bounded number concurrently. The failure of one key does not stop the others.
    /// </summary>
    /// <typeparam name="T">Type of the values.</typeparam>
    /// <param name="keys">Keys to warm.</param>
    /// <param name="factory">Produces the value of a key.</param>
    /// <param name="options">Options of the entries and number of concurrent factories; null for the defaults.</param>
    /// <param name="cancellationToken">Stops starting further keys.</param>
    /// <returns>How many keys were cached or created, and how many failed.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public virtual ValueTask<WarmUpResult> WarmUpAsync<T>(
        IEnumerable<string> keys,
        Func<string, CancellationToken, ValueTask<T>> factory,
        WarmUpOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(factory);
        return WarmUp.RunAsync(this, keys, factory, options ?? new WarmUpOptions(), cancellationToken);
    }

    /// <summary>Returns a view of this cache that belongs to one tenant.</summary>
    /// <param name="tenantId">The tenant: 1 to 255 characters, no control characters.</param>
    /// <returns>A cache whose keys, tags and patterns, <c>"*"</c> included, reach that tenant's entries only.</returns>
    /// <remarks>Costs a few bytes; it can be kept, or created for each request.</remarks>
    /// <exception cref="ArgumentException">The identifier is empty, too long, or contains a control character or a lone
    /// surrogate.</exception>
    public abstract DataCache ForTenant(string tenantId);

    /// <summary>
    /// Returns a view of this cache that belongs to the tenant of the calling code, as set by <see cref="CacheTenant.Enter"/>.
    /// </summary>
    /// <returns>A cache that throws <see cref="InvalidOperationException"/> on a call outside a tenant.</returns>
    public DataCache ForAmbientTenant() => new AmbientTenantCache(this);

    /// <summary>
    /// Returns a view of this cache that is confined to a namespace, which one round trip can empty however many keys it has.
    /// </summary>
    /// <param name="name">Name of the namespace: 1 to 255 characters, no control characters.</param>
    /// <returns>A cache whose keys, tags and patterns stay inside the namespace; <c>RemoveByTagAsync("*")</c> empties it.</returns>
    /// <remarks>Emptying it writes a new generation. Older entries are never served again, and leave Redis when they expire.</remarks>
    /// <exception cref="ArgumentException">The name is empty, too long, or contains a control character or a lone
    /// surrogate.</exception>
    public abstract DataCache ForNamespace(string name);

    /// <summary>Returns counters since the start and the state of the link to Redis.</summary>
    /// <returns>A snapshot; for a view, that of the whole cache.</returns>
    public abstract DataCacheStatistics GetStatistics();

    /// <summary>Whether entries are kept in Redis now.</summary>
    internal virtual bool ReachesRedis => false;

    /// <summary>
    /// Lets an entry that was stored as bytes with <see cref="DataCacheEntryOptions.Sliding"/> live on from now, in both levels.
    /// </summary>
    internal virtual ValueTask TouchAsync(string key, TimeSpan timeToLive, CancellationToken cancellationToken) => default;
}
