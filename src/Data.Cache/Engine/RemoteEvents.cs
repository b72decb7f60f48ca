using Data.Cache.Redis;

namespace Data.Cache.Engine;

/// <summary>Applies what other nodes and the link say to the local level.</summary>
internal sealed class RemoteEvents(CacheCore core) : IRemoteEvents
{
    public void OnMessage(in BusMessage message, bool own)
    {
        switch (message.Kind)
        {
            case BusMessageKind.Key:
                core.Waiters.Wake(message.Body);
                core.Stamps.Heard(message.Stamp);
                if (!own && message.Stamp > 0)
                {
                    core.CloseFlight(message.Body);
                    core.Fence.Invalidate(message.Body, message.Stamp, byServer: true);
                }

                break;
            case BusMessageKind.Tag:
                core.Tags.Removed(message.Body, message.Stamp);
                core.Stamps.HearEpoch(message.Stamp);
                break;
            case BusMessageKind.Pattern when !own:
                RemovePattern(message);
                core.Stamps.HearEpoch(message.Stamp);
                break;
            case BusMessageKind.Heartbeat:
                core.Stamps.HearEpoch(message.Stamp);
                break;
            default:
                break;
        }
    }

    public void OnAway(Exception? cause)
    {
        core.UseLocal(core.Options.OutageMode == OutageMode.Local);
        core.Waiters.WakeAll();
    }

    public async Task<bool> OnBackAsync(bool dataLost, CancellationToken cancellationToken)
    {
        // From here on every message arrives. Whatever is older may lack one, so it goes before Redis is believed again.
        core.Tags.Restart();
        var everything = await core.Store!.GetTagsAsync(["*"], core.Options.RemoteHardTimeout, cancellationToken).ConfigureAwait(false);
        if (!everything.Succeeded)
            return false;
        if (dataLost)
            core.Replay!.ForgetValues();
        var epoch = await core.Link!.HeartbeatAsync(cancellationToken).ConfigureAwait(false);
        if (!epoch.Succeeded)
            return false;
        core.Tags.Learn("*", everything.Value[0]);
        core.Tags.ListenFrom(epoch.Value, core.Replay!.Tags());
        core.Fence.InvalidateWhere(static _ => true, long.MaxValue);
        core.UseLocal(true);
        return true;
    }

    public void OnConnected() => core.Writer.ReplaySoon();

    private void RemovePattern(in BusMessage message)
    {
        var end = message.Body.IndexOf('\0', StringComparison.Ordinal);
        if (end >= 0)
            LocalPatterns.Remove(core, message.Body[..end], KeyPattern.Parse(message.Body[(end + 1)..]), message.Stamp);
    }
}

/// <summary>Removal by pattern in this process.</summary>
internal static class LocalPatterns
{
    /// <summary>Removes from the local level what lies in a scope (given as it stands before names) and matches.</summary>
    public static int Remove(CacheCore core, string prefix, KeyPattern pattern, long epoch)
    {
        bool Matches(string name) => Covers(name, prefix, pattern);

        foreach (var name in core.Flights.Keys.Where(Matches))
            core.CloseFlight(name);
        return core.Fence.InvalidateWhere(Matches, epoch);
    }

    /// <summary>Whether a full name lies in a scope and matches.</summary>
    public static bool Covers(string name, string prefix, KeyPattern pattern) => prefix.Length == 0
        ? !name.StartsWith(RedisKeys.ScopeMark) && pattern.IsMatch(name)
        : name.StartsWith(prefix, StringComparison.Ordinal) && pattern.IsMatch(name.AsSpan(prefix.Length));
}
