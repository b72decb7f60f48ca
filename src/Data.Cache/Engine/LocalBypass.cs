using Data.Cache.Observation;
using Data.Cache.Redis;
using Data.Cache.Serialization;
using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Cache.Engine;

/// <summary>Reads that bypass the local level. They store nothing there, so that a hit needs neither a token nor a flight.</summary>
internal sealed class LocalBypass(
    RemoteLevel remote,
    RemoteReader reader,
    TimeSpan deadline,
    CacheCounters counters,
    TimeProvider time)
{
    public bool Allows(HybridCacheEntryFlags flags) =>
        flags.HasFlag(HybridCacheEntryFlags.DisableLocalCache)
        && !flags.HasFlag(HybridCacheEntryFlags.DisableDistributedCacheRead)
        && remote.IsUsable;

    /// <summary>Reads the bytes of a key; null where a pending operation makes them out of date.</summary>
    public ValueTask<RemoteResult<byte[]?>> ReadAsync(string name, CancellationToken cancellationToken) =>
        remote.Replayer.Queue.HasPending(name) ? default : remote.Store.GetAsync(name, deadline, cancellationToken);

    /// <summary>Returns the present moment, for <see cref="Since"/>.</summary>
    public long Timestamp() => time.GetTimestamp();

    /// <summary>Returns how long a caller has waited.</summary>
    public TimeSpan Since(long timestamp) => time.GetElapsedTime(timestamp);

    /// <summary>Returns the value when the bytes can be used as they are.</summary>
    public bool TryUse<T>(string name, in RemoteResult<byte[]?> answer, out Produced<T> produced)
    {
        produced = default;
        if (!answer.Succeeded || !reader.TryUse(answer.Value, out produced))
            return false;
        counters.RemoteHits.Increment();
        counters.Events?.Raise(CacheEventKind.RemoteHit, name);
        return true;
    }
}
