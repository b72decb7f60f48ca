using Data.Cache.Fallback;
using Data.Cache.Internal;
using Data.Cache.Local;
using Data.Cache.Redis;

namespace Data.Cache.Engine;

/// <summary>Writes and removals asked for by callers. They come after whatever is there, and win over every factory that is still running.</summary>
internal sealed class CacheWriter(CacheCore core)
{
    private int _replaying;

    public async ValueTask SetAsync<T>(string name, T value, EntrySpec spec, IReadOnlyList<string> tags, CacheScope scope, CancellationToken cancellationToken)
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
            var stamp = remote
                ? await WriteAsync(core.Entries.Wrap(name, packed!.Value, 0, lifetime, spec, names!), isRemoval: false, cancellationToken).ConfigureAwait(false)
                : core.Stamps.Next();
            core.CloseFlight(name);
            core.Fence.Invalidate(name, stamp);
            if (spec.WritesLocal)
                core.Fence.TryPut(ticket, EntryFactory.Make(name, packed!.Value, core.Entries.Life(stamp, lifetime, spec), names!));
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
        Forget(name, core.Stamps.Next());
        if (core.Store is null)
            return;
        var stamp = await WriteAsync(RemoteWrite.Tombstone(name, core.Options.ReplayWindow), isRemoval: true, cancellationToken).ConfigureAwait(false);

        // Whoever read the old value from Redis while the removal was on its way must not keep it.
        Forget(name, stamp);
    }

    public async ValueTask RemoveTagAsync(string tag, CacheScope scope, CancellationToken cancellationToken)
    {
        if (tag != "*" && !KeyRules.IsValidTag(tag))
            return;
        core.Counters.Invalidations.Increment();
        var name = scope.FullName(tag);
        if (core.Store is null)
        {
            core.Tags.Removed(name, core.Stamps.Next());
            return;
        }

        var answer = await core.Store.RemoveTagAsync(name, core.Stamps.Floor, cancellationToken).ConfigureAwait(false);
        if (answer.Succeeded)
        {
            core.Stamps.Heard(answer.Value);
            core.Tags.Removed(name, answer.Value);
            return;
        }

        core.Counters.RemoteFailures.Increment();
        var stamp = core.Stamps.Next();
        core.Tags.Removed(name, stamp);
        core.Replay!.AddTag(name, stamp);
        if (core.IsStrict)
            CacheCore.ThrowUnavailable("removing a tag", answer.Failure);
        ReplaySoon();
    }

    /// <summary>Queues a factory's result that did not reach Redis.</summary>
    public void Defer(in RemoteWrite write, long stamp)
    {
        core.Replay!.Add(new PendingWrite(write, stamp, IsRemoval: false));
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
                empty = await core.Replay.DrainAsync(core.Store!, CancellationToken.None).ConfigureAwait(false);
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
    private async ValueTask<long> WriteAsync(RemoteWrite write, bool isRemoval, CancellationToken cancellationToken)
    {
        var answer = await core.Store!.SetAsync(write, core.Stamps.Floor, cancellationToken).ConfigureAwait(false);
        if (answer.Succeeded)
        {
            var stamp = Math.Abs(answer.Value);
            core.Stamps.Heard(stamp);
            return stamp;
        }

        core.Counters.RemoteFailures.Increment();
        var local = core.Stamps.Next();

        // The write may have arrived all the same. In strict mode its value must not come up later as if it had been accepted.
        var pending = core.IsStrict && !isRemoval
            ? new PendingWrite(RemoteWrite.Tombstone(write.Name, core.Options.ReplayWindow), local, IsRemoval: true)
            : new PendingWrite(write, local, isRemoval);
        core.Replay!.Add(pending);
        if (core.IsStrict)
        {
            Forget(write.Name, local);
            CacheCore.ThrowUnavailable(isRemoval ? "the removal" : "the write", answer.Failure);
        }

        ReplaySoon();
        return local;
    }

    private void Forget(string name, long stamp)
    {
        core.CloseFlight(name);
        core.Fence.Invalidate(name, stamp);
    }

    private void Bypass(int length)
    {
        core.Counters.Bypasses.Increment();
        core.Log.BadName(length);
    }
}
