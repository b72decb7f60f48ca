using Data.Cache.Fallback;
using Data.Cache.Internal;
using Data.Cache.Local;
using Data.Cache.Observation;
using Data.Cache.Redis;
using Data.Cache.Stampede;

namespace Data.Cache.Engine;

/// <summary>
/// Writes and removals of keys by callers. They supersede whatever is cached and every factory that is still running.
/// </summary>
internal sealed class CacheWriter(
    EntryCodec codec,
    EntryLifetimes lifetimes,
    FlightTable flights,
    FillTokens fills,
    LocalInvalidation invalidation,
    RemoteLevel? remote,
    DistributedLevel? distributed,
    StampClock stamps,
    CacheCounters counters)
{
    public async ValueTask SetAsync<T>(
        string name,
        T value,
        EntrySpec spec,
        IReadOnlyList<string> tags,
        CacheScope scope,
        CancellationToken cancellationToken)
    {
        var writesRemote = (remote is not null || distributed is not null) && spec.WritesRemote;
        var names = scope.FullTags(tags);
        var packed = names is null ? null : codec.Pack(value, writesRemote);
        var lifetime = packed is null ? TimeSpan.Zero : lifetimes.Of(spec, packed.Value.IsNull, names!);
        if (lifetime <= TimeSpan.Zero)
        {
            // A value that cannot be cached must not leave its predecessor behind.
            counters.Bypasses.Increment();
            await RemoveAsync(name, cancellationToken).ConfigureAwait(false);
            return;
        }

        var token = fills.Acquire(name);
        try
        {
            flights.Close(name);
            var epoch = stamps.Epoch;
            var stamp = writesRemote && remote is not null
                ? await WriteAsync(codec.ToWrite(name, packed!.Value, 0, epoch, lifetime, spec, names!), cancellationToken)
                    .ConfigureAwait(false)
                : new EntryStamp(stamps.Next(), IsEstimated: true);
            invalidation.Invalidate(name, stamp);
            if (writesRemote && distributed is not null)
            {
                var write = codec.ToWrite(name, packed!.Value, stamp.Value, epoch, lifetime, spec, names!);
                await SetAsync(distributed, write, lifetime + spec.MaxStale, spec.Sliding, cancellationToken).ConfigureAwait(false);
            }

            if (spec.WritesLocal)
                fills.TryPut(token, EntryCodec.ToEntry(name, packed!.Value, lifetimes.Fresh(stamp, epoch, lifetime, spec), names!));
            counters.Events?.Raise(CacheEventKind.Set, name);
        }
        finally
        {
            fills.Release(token);
        }
    }

    public async ValueTask RemoveAsync(string name, CancellationToken cancellationToken)
    {
        counters.Invalidations.Increment();
        counters.Events?.Raise(CacheEventKind.Removed, name);
        invalidation.Invalidate(name, new EntryStamp(stamps.Next(), IsEstimated: true));
        if (distributed is not null)
        {
            await RemoveAsync(distributed, name, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (remote is null)
            return;
        var answer = await remote.Store.RemoveAsync(name, cancellationToken).ConfigureAwait(false);

        // A reader that got the old value from Redis during the removal must not keep it.
        invalidation.Invalidate(name, answer.Succeeded ? Observe(answer.Value) : Queue(remote, name, write: null));
        if (answer.Succeeded)
            return;
        if (remote.IsStrict)
            RemoteLevel.ThrowUnavailable("the removal", answer.Failure);
        remote.Replayer.Start();
    }

    private static async ValueTask SetAsync(
        DistributedLevel level,
        RemoteWrite write,
        TimeSpan lifetime,
        TimeSpan? sliding,
        CancellationToken cancellationToken)
    {
        var answer = await level.SetAsync(write, lifetime, sliding, cancellationToken).ConfigureAwait(false);
        if (!answer.Succeeded)
            level.ThrowIfStrict("the write", answer.Failure);
    }

    private async ValueTask RemoveAsync(DistributedLevel level, string name, CancellationToken cancellationToken)
    {
        var answer = await level.RemoveAsync(name, cancellationToken).ConfigureAwait(false);

        // A reader that got the old value during the removal must not keep it.
        invalidation.Invalidate(name, new EntryStamp(stamps.Next(), IsEstimated: true));
        if (!answer.Succeeded)
            level.ThrowIfStrict("the removal", answer.Failure);
    }

    /// <summary>Sends a write; while Redis is disconnected it is queued, and strict mode fails the caller. Returns the stamp.</summary>
    private async ValueTask<EntryStamp> WriteAsync(RemoteWrite write, CancellationToken cancellationToken)
    {
        var answer = await remote!.Store.SetAsync(write, cancellationToken).ConfigureAwait(false);
        if (answer.Succeeded)
            return Observe(Math.Abs(answer.Value));

        // The write may have arrived. In strict mode its value must not appear later as if it had been accepted.
        var stamp = Queue(remote, write.Name, remote.IsStrict ? null : write);
        if (remote.IsStrict)
        {
            invalidation.Invalidate(write.Name, stamp);
            RemoteLevel.ThrowUnavailable("the write", answer.Failure);
        }

        remote.Replayer.Start();
        return stamp;
    }

    private EntryStamp Observe(long stamp)
    {
        stamps.Observe(stamp);
        return new EntryStamp(stamp, IsEstimated: false);
    }

    private EntryStamp Queue(RemoteLevel level, string name, RemoteWrite? write)
    {
        counters.RemoteFailures.Increment();
        level.Replayer.Queue.Add(new PendingWrite(name, write, stamps.Monotonic));
        return new EntryStamp(stamps.Next(), IsEstimated: true);
    }
}
