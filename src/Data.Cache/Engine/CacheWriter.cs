using Data.Cache.Fallback;
using Data.Cache.Internal;
using Data.Cache.Local;
using Data.Cache.Redis;

namespace Data.Cache.Engine;

/// <summary>
/// Writes and removals asked for by callers. They come after whatever is there, and win over every factory that is still running.
/// </summary>
internal sealed class CacheWriter(CacheCore core)
{
    private int _replaying;

    public async ValueTask SetAsync<T>(
        string name,
        T value,
        EntrySpec spec,
        IReadOnlyList<string> tags,
        CacheScope scope,
        CancellationToken cancellationToken)
    {
        if (!KeyRules.IsValid(name.AsSpan(scope.Prefix.Length)))
        {
            Bypass(name.Length);
            return;
        }

        var remote = core.Store is not null && spec.WritesRemote;
        var names = scope.FullTags(tags);
        var packed = names is null ? null : core.Entries.Pack(value, remote);
        var lifetime = packed is null ? TimeSpan.Zero : core.Entries.Lifetime(spec, packed.Value.IsNull, names!);
        if (lifetime <= TimeSpan.Zero)
        {
            // What cannot be cached must not leave its predecessor behind.
            core.Counters.Bypasses.Increment();
            await RemoveAsync(name, scope, cancellationToken).ConfigureAwait(false);
            return;
        }

        var ticket = core.Fence.Enter(name);
        try
        {
            core.CloseFlight(name);
            var epoch = core.Stamps.Epoch;
            var stamp = remote
                ? await WriteAsync(core.Entries.Wrap(name, packed!.Value, 0, epoch, lifetime, spec, names!), cancellationToken)
                    .ConfigureAwait(false)
                : new Stamped(core.Stamps.Next(), IsEstimated: true);
            core.CloseFlight(name);
            core.Fence.Invalidate(name, stamp.Stamp, !stamp.IsEstimated);
            if (spec.WritesLocal)
                core.Fence.TryPut(ticket, EntryFactory.Make(name, packed!.Value, core.Entries.Life(stamp, epoch, lifetime, spec), names!));
        }
        finally
        {
            core.Fence.Leave(ticket);
        }
    }

    public async ValueTask RemoveAsync(string name, CacheScope scope, CancellationToken cancellationToken)
    {
        if (!KeyRules.IsValid(name.AsSpan(scope.Prefix.Length)))
            return;
        core.Counters.Invalidations.Increment();
        Forget(name, new Stamped(core.Stamps.Next(), IsEstimated: true));
        if (core.Store is null)
            return;
        var answer = await core.Store.RemoveAsync(name, cancellationToken).ConfigureAwait(false);

        // Whoever read the old value from Redis while the removal was on its way must not keep it.
        Forget(name, answer.Succeeded ? Heard(answer.Value) : Queue(name, write: null));
        if (answer.Succeeded)
            return;
        if (core.IsStrict)
            CacheCore.ThrowUnavailable("the removal", answer.Failure);
        ReplaySoon();
    }

    public async ValueTask RemoveTagAsync(string tag, CacheScope scope, CancellationToken cancellationToken)
    {
        if (tag != "*" && !KeyRules.IsValidTag(tag))
            return;
        core.Counters.Invalidations.Increment();
        var name = scope.FullName(tag);
        if (core.Store is null)
        {
            core.Tags.Removed(name, core.Stamps.NextEpoch());
            return;
        }

        var answer = await core.Store.RemoveTagAsync(name, core.Stamps.HeardEpoch, cancellationToken).ConfigureAwait(false);
        if (answer.Succeeded)
        {
            core.Tags.Removed(name, answer.Value);
            core.Stamps.HearEpoch(answer.Value);
            return;
        }

        core.Counters.RemoteFailures.Increment();
        var epoch = core.Stamps.NextEpoch();
        core.Tags.Removed(name, epoch);
        core.Replay!.AddTag(name, epoch);
        if (core.IsStrict)
            CacheCore.ThrowUnavailable("removing a tag", answer.Failure);
        ReplaySoon();
    }

    /// <summary>Queues a factory's result that did not reach Redis.</summary>
    /// <param name="write">The result.</param>
    /// <param name="madeAt">When its factory was started, on the monotonic clock.</param>
    public void Defer(in RemoteWrite write, long madeAt)
    {
        core.Replay!.Add(new PendingWrite(write.Name, write, madeAt));
        ReplaySoon();
    }

    /// <summary>Replays what waits, unless that is already going on.</summary>
    public void ReplaySoon()
    {
        if (core.Replay is not { Count: > 0 } || !core.RemoteUsable || Interlocked.Exchange(ref _replaying, 1) != 0)
            return;
        _ = Task.Run(ReplayAsync);
    }

    private async Task ReplayAsync()
    {
        try
        {
            var empty = false;
            while (!empty && core.RemoteUsable)
            {
                core.Log.Replayed(core.Replay!.Count);
                empty = await core.Replay.DrainAsync(
                    core.Store!,
                    pattern => PatternRemoval.ReplayAsync(core, pattern),
                    CancellationToken.None).ConfigureAwait(false);
                if (!empty)
                    await Task.Delay(TimeSpan.FromMilliseconds(200)).ConfigureAwait(false);
            }
        }
        finally
        {
            Volatile.Write(ref _replaying, 0);
        }
    }

    /// <summary>Sends a write; with Redis away it is queued, and in strict mode the caller is told. Returns the stamp.</summary>
    private async ValueTask<Stamped> WriteAsync(RemoteWrite write, CancellationToken cancellationToken)
    {
        var answer = await core.Store!.SetAsync(write, cancellationToken).ConfigureAwait(false);
        if (answer.Succeeded)
            return Heard(Math.Abs(answer.Value));

        // The write may have arrived all the same. In strict mode its value must not come up later as if it had been accepted.
        var stamp = Queue(write.Name, core.IsStrict ? null : write);
        if (core.IsStrict)
        {
            Forget(write.Name, stamp);
            CacheCore.ThrowUnavailable("the write", answer.Failure);
        }

        ReplaySoon();
        return stamp;
    }

    private Stamped Heard(long stamp)
    {
        core.Stamps.Heard(stamp);
        return new Stamped(stamp, IsEstimated: false);
    }

    private Stamped Queue(string name, RemoteWrite? write)
    {
        core.Counters.RemoteFailures.Increment();
        core.Replay!.Add(new PendingWrite(name, write, core.Stamps.Monotonic));
        return new Stamped(core.Stamps.Next(), IsEstimated: true);
    }

    private void Forget(string name, Stamped stamp)
    {
        core.CloseFlight(name);
        core.Fence.Invalidate(name, stamp.Stamp, !stamp.IsEstimated);
    }

    private void Bypass(int length)
    {
        core.Counters.Bypasses.Increment();
        core.Log.BadName(length);
    }
}
