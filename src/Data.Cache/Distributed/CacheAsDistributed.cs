using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Cache.Distributed;

/// <summary>The framework's <see cref="IDistributedCache"/> over a <see cref="DataCache"/>.</summary>
/// <remarks>
/// An entry with sliding expiration is read from Redis while that answers, so that every node extends the same life; the others are served
/// by the local level too. The cache is resolved with the first call, because it may itself be a consumer of distributed caches.
/// </remarks>
internal sealed class CacheAsDistributed(object? cacheKey, Func<DataCache> resolve, TimeProvider time) : IBufferDistributedCache
{
    /// <summary>Key of the cache; null for the unkeyed one.</summary>
    public object? Key => cacheKey;

    // Apart from what the application caches itself under the same key.
    private const string Prefix = "IDistributedCache:";
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);
    private DataCache? _cache;

    private DataCache Cache => _cache ??= resolve();

    public byte[]? Get(string key) => Complete(GetAsync(key).AsTask());

    async Task<byte[]?> IDistributedCache.GetAsync(string key, CancellationToken token) => await GetAsync(key, token).ConfigureAwait(false);

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => Complete(SetAsync(key, value, options));

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(value);
        return SetAsync(key, new ReadOnlySequence<byte>(value), options, token).AsTask();
    }

    public void Refresh(string key) => Complete(RefreshAsync(key));

    public async Task RefreshAsync(string key, CancellationToken token = default) =>
        await UseAsync(key, token).ConfigureAwait(false);

    public void Remove(string key) => Complete(RemoveAsync(key));

    public Task RemoveAsync(string key, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Cache.RemoveAsync(Prefix + key, token).AsTask();
    }

    public bool TryGet(string key, IBufferWriter<byte> destination) => Complete(TryGetAsync(key, destination).AsTask());

    public async ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (await UseAsync(key, token).ConfigureAwait(false) is not { } item)
            return false;
        destination.Write(item.Value);
        return true;
    }

    public void Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options) =>
        Complete(SetAsync(key, value, options).AsTask());

    public ValueTask SetAsync(
        string key,
        ReadOnlySequence<byte> value,
        DistributedCacheEntryOptions options,
        CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(options);
        var now = time.GetUtcNow();
        var absolute = options.AbsoluteExpirationRelativeToNow is { } relative ? now + Cut(relative) : options.AbsoluteExpiration;
        if (absolute <= now)
            throw new ArgumentOutOfRangeException(nameof(options), absolute, "The absolute expiration must be in the future.");
        var item = DistributedItem.Create(Cut(options.SlidingExpiration ?? TimeSpan.Zero), absolute, value);
        var life = absolute is { } end ? Cut(end - now) : Longest;
        return Cache.SetAsync(
            Prefix + key,
            item.Bytes,
            new DataCacheEntryOptions
            {
                Expiration = life,
                LocalExpiration = item.Sliding > TimeSpan.Zero ? item.Sliding : life,
                Sliding = item.Sliding > TimeSpan.Zero ? item.Sliding : null,
                IsExact = true,
                MaxStale = TimeSpan.Zero,
                EagerRefreshThreshold = 0,
                Flags = HybridCacheEntryFlags.None,
            },
            tags: null,
            token);
    }

    private async ValueTask<byte[]?> GetAsync(string key, CancellationToken token = default) =>
        await UseAsync(key, token).ConfigureAwait(false) is { } item ? item.Value.ToArray() : null;

    /// <summary>Reads an item and extends its life, where its expiration is sliding.</summary>
    private async ValueTask<DistributedItem?> UseAsync(string key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        var item = await FindAsync(key, HybridCacheEntryFlags.None, cancellationToken).ConfigureAwait(false);
        if (item is not { Sliding: var sliding } || sliding == TimeSpan.Zero)
            return item;
        if (Cache.ReachesRedis)
            item = await FindAsync(key, HybridCacheEntryFlags.DisableLocalCacheRead, cancellationToken).ConfigureAwait(false);
        if (item is not { } used)
            return null;
        var left = used.Absolute is { } end ? end - time.GetUtcNow() : Longest;
        await Cache.TouchAsync(Prefix + key, left < used.Sliding ? left : used.Sliding, cancellationToken).ConfigureAwait(false);
        return used;
    }

    private async ValueTask<DistributedItem?> FindAsync(string key, HybridCacheEntryFlags flags, CancellationToken cancellationToken)
    {
        var bytes = await Cache.GetOrCreateAsync(
            Prefix + key,
            static _ => new ValueTask<byte[]?>(default(byte[])),
            new HybridCacheEntryOptions { Flags = flags | HybridCacheEntryFlags.DisableUnderlyingData },
            tags: null,
            cancellationToken).ConfigureAwait(false);
        return DistributedItem.Read(bytes) is { } item && !(item.Absolute <= time.GetUtcNow()) ? item : null;
    }

    private static TimeSpan Cut(TimeSpan span) => span < Longest ? span : Longest;

    // The interface has synchronous twins; nothing awaited here resumes on a captured context.
    private static void Complete(Task task) => task.GetAwaiter().GetResult();

    private static T Complete<T>(Task<T> task) => task.GetAwaiter().GetResult();
}
