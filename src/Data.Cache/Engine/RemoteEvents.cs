using Data.Cache.Fallback;
using Data.Cache.Internal;
using Data.Cache.Invalidation;
using Data.Cache.Local;
using Data.Cache.Observation;
using Data.Cache.Redis;
using Data.Cache.Stampede;

namespace Data.Cache.Engine;

/// <summary>Applies to the local level what other nodes and the link report.</summary>
internal sealed class RemoteEvents(
    DataCacheOptions options,
    LocalLevel local,
    LocalInvalidation invalidation,
    KeyWaiters waiters,
    StampClock stamps,
    RedisLink link,
    RemoteLevel remote,
    CacheEvents? events) : IRemoteEvents
{
    private TagStamps Tags => local.Tags;

    public void OnMessage(in BusMessage message, bool own)
    {
        switch (message.Kind)
        {
            case BusMessageKind.Key:
                waiters.Wake(message.Body);
                stamps.Observe(message.Stamp);
                if (!own && message.Stamp > 0)
                    invalidation.Invalidate(message.Body, new EntryStamp(message.Stamp, IsEstimated: false));
                break;
            case BusMessageKind.Tag:
                Tags.Removed(message.Body, message.Stamp);
                stamps.ObserveEpoch(message.Stamp);
                break;
            case BusMessageKind.Pattern when !own:
                RemovePattern(message);
                stamps.ObserveEpoch(message.Stamp);
                break;
            case BusMessageKind.Heartbeat:
                stamps.ObserveEpoch(message.Stamp);
                Tags.Removed("*", Heartbeat.Read(message.Body).Everything);
                break;
            default:
                break;
        }
    }

    public void OnDisconnected(Exception? cause)
    {
        local.IsUsable = options.OutageMode == OutageMode.Local;
        waiters.WakeAll();
        events?.Raise(CacheEventKind.Disconnected, scope: string.Empty, name: null);
    }

    public void OnBeat(in Beat beat)
    {
        Tags.Removed("*", beat.Everything);
        var queue = remote.Replayer.Queue;

        // The tombstones that would refuse a pending write may be gone, and while no message arrived, nothing else told of a removal.
        if (beat.DataLost || (beat.Evicted && !link.Gate.IsOpen))
            invalidation.RemoveUpTo(beat.Epoch);
        if (beat.DataLost || beat.Evicted)
            queue.ForgetValues();
        if (!beat.ServerChanged)
            return;

        // The removal of everything that follows a loss covers them.
        var changes = link.Unproven.Take();
        foreach (var change in beat.DataLost ? [] : changes)
            Repeat(change, queue);
        remote.Replayer.Start();
    }

    public async Task<bool> OnReconnectingAsync(CancellationToken cancellationToken)
    {
        // From here on every message arrives. Older entries may have missed one, so they are removed before Redis is used again.
        Tags.Restart();
        var beat = await link.HeartbeatAsync(cancellationToken).ConfigureAwait(false);
        if (!beat.Succeeded)
            return false;
        Tags.ListenFrom(beat.Value.Epoch, remote.Replayer.Queue.Tags());
        invalidation.Clear();
        local.IsUsable = true;
        return true;
    }

    public void OnConnected()
    {
        remote.Replayer.Start();
        events?.Raise(CacheEventKind.Connected, scope: string.Empty, name: null);
    }

    public void OnChanged(string? name)
    {
        if (name is null)
            invalidation.Clear();
        else if (invalidation.Knows(name))
            _ = CheckAsync(name);
    }

    // The message does not say who has changed the key: this node, another one, or somebody who knows nothing of the cache.
    private async Task CheckAsync(string name)
    {
        var stamp = await remote.Store.StampAsync(name, CancellationToken.None).ConfigureAwait(false);
        invalidation.KeepOnly(name, stamp.Succeeded ? stamp.Value : 0);
    }

    private void Repeat(RemoteChange change, ReplayQueue queue)
    {
        if (change.Key is { } key)
        {
            // As old as can be, so that a write that is pending already counts as newer.
            queue.Add(new PendingWrite(key, Write: null, MadeAt: 0, change.Stamp));
        }
        else if (change.Tag is { } tag)
        {
            queue.AddTag(tag, stamps.NextEpoch());
        }
        else
        {
            var (prefix, pattern) = (change.Prefix, change.Pattern!);
            queue.AddPattern(new PendingPattern(
                name => LocalInvalidation.Covers(name, prefix, pattern),
                change.Scope,
                prefix,
                pattern,
                change.BatchSize));
        }
    }

    private void RemovePattern(in BusMessage message)
    {
        var end = message.Body.IndexOf('\0', StringComparison.Ordinal);
        if (end >= 0)
            invalidation.RemoveMatching(message.Body[..end], KeyPattern.Parse(message.Body[(end + 1)..]), message.Stamp);
    }
}
