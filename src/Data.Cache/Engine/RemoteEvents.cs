using Data.Cache.Internal;
using Data.Cache.Invalidation;
using Data.Cache.Local;
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
    RemoteLevel remote) : IRemoteEvents
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
                break;
            default:
                break;
        }
    }

    public void OnDisconnected(Exception? cause)
    {
        local.IsUsable = options.OutageMode == OutageMode.Local;
        waiters.WakeAll();
    }

    public async Task<bool> OnReconnectingAsync(bool dataLost, CancellationToken cancellationToken)
    {
        // From here on every message arrives. Older entries may have missed one, so they are removed before Redis is used again.
        Tags.Restart();
        var everything = await remote.Store.GetTagsAsync(["*"], options.RemoteHardTimeout, cancellationToken).ConfigureAwait(false);
        if (!everything.Succeeded)
            return false;
        var queue = remote.Replayer.Queue;
        if (dataLost)
            queue.ForgetValues();
        var epoch = await link.HeartbeatAsync(cancellationToken).ConfigureAwait(false);
        if (!epoch.Succeeded)
            return false;
        Tags.Learn("*", everything.Value[0]);
        Tags.ListenFrom(epoch.Value, queue.Tags());
        invalidation.Clear();
        local.IsUsable = true;
        return true;
    }

    public void OnConnected() => remote.Replayer.Start();

    private void RemovePattern(in BusMessage message)
    {
        var end = message.Body.IndexOf('\0', StringComparison.Ordinal);
        if (end >= 0)
            invalidation.RemoveMatching(message.Body[..end], KeyPattern.Parse(message.Body[(end + 1)..]), message.Stamp);
    }
}
