using Data.Cache.Internal;
using StackExchange.Redis;

namespace Data.Cache.Redis;

/// <summary>Checks the link: whether calls are answered, messages arrive and Redis still has its data.</summary>
internal sealed class LinkProbes(
    DataCacheOptions options,
    RedisKeys keys,
    RemoteGate gate,
    BusSender sender,
    StampClock stamps,
    TimeProvider time)
{
    private static readonly TimeSpan EchoPoll = TimeSpan.FromMilliseconds(5);
    private readonly BusTracker _tracker = new(sender.Id, options.HeartbeatInterval, time);
    private readonly ServerMemory _memory = new();
    private readonly ClusterWitnesses _witnesses = new(options, keys, gate);

    /// <summary>What Redis has acknowledged and may still forget.</summary>
    public UnprovenChanges Unproven { get; } = new(options.ReplayQueueLimit);

    /// <summary>Returns whether messages were lost since the last call, or messages of this node have stopped coming back.</summary>
    public bool TakeLoss() =>
        _tracker.TakeLoss() || !(_tracker.SinceEcho <= (options.HeartbeatInterval * 3) + options.RemoteHardTimeout);

    /// <summary>Forgets which messages have arrived. For use when a connection starts.</summary>
    public void Restart() => _tracker.Reset();

    public void Received(in BusMessage message)
    {
        _tracker.Received(message);

        // One without a body is from a node of 0.1.0, which leaves nothing with the server to compare it with.
        if (message is { Kind: BusMessageKind.Heartbeat, Body.Length: > 0 })
            _memory.Observe(message.Stamp);
    }

    /// <summary>Publishes a heartbeat, reads the server's time and finds out what Redis has forgotten.</summary>
    public async ValueTask<RemoteResult<Beat>> HeartbeatAsync(CancellationToken cancellationToken)
    {
        var mark = Unproven.Mark();
        var before = _memory.Own;
        var answer = await gate.ProbeAsync(
            operation: null,
            (sender, keys: (RedisKey[])[keys.Clock, keys.Incarnation, keys.Tag("*")],
                message: (RedisValue[])[stamps.HighestEpoch, _memory.Heard, keys.Channel, default, default]),
            static async (database, call) => (RedisValue[])(await call.sender.SendAsync(
                database,
                BusMessageKind.Heartbeat,
                (MemoryScripts.Beat, call.keys),
                call.message).ConfigureAwait(false))!,
            options.RemoteHardTimeout,
            cancellationToken).ConfigureAwait(false);
        if (!answer.Succeeded)
            return new RemoteResult<Beat>(answer.Failure);
        var values = answer.Value;
        var (epoch, everything) = ((long)values[0], (long)values[5]);
        stamps.ObserveServerTime((long)values[1]);
        stamps.ObserveEpoch(epoch);
        var verdict = _memory.Compare(epoch, values.AsSpan(2, 3), lost: (long)values[6] != 0);
        var others = await _witnesses.AskAsync(cancellationToken).ConfigureAwait(false);

        // Another node may have met the loss first, without a memory of what there was before.
        if (others.Lost.Count > 0 || (verdict.Lost && everything <= before))
        {
            var removal = await RemoveEverythingAsync(cancellationToken).ConfigureAwait(false);
            if (!removal.Succeeded)
                return new RemoteResult<Beat>(removal.Failure);
            everything = removal.Value;
            await _witnesses.ConfirmAsync(others.Lost, cancellationToken).ConfigureAwait(false);
        }

        var changed = verdict.Changed || others.Changed;
        if (!changed && others.AllAnswered)
            Unproven.Proven(mark);
        return new RemoteResult<Beat>(
            new Beat(epoch, everything, verdict.Lost || others.Lost.Count > 0, changed, verdict.Evicted || others.Evicted));
    }

    /// <summary>Waits until a message of this node comes back. Returns false when none does within the time-out.</summary>
    public async Task<bool> EchoArrivesAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (_tracker.SinceEcho is null)
        {
            if (time.GetElapsedTime(started) > options.RemoteHardTimeout)
                return false;
            await Task.Delay(EchoPoll, time, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    private async ValueTask<RemoteResult<long>> RemoveEverythingAsync(CancellationToken cancellationToken)
    {
        var answer = await gate.ProbeAsync(
            operation: null,
            (sender, keys: (RedisKey[])[keys.Clock, keys.Tag("*")],
                message: (RedisValue[])[stamps.HighestEpoch, 0, keys.Channel, default, "*"]),
            static async (database, call) => (long)await call.sender.SendAsync(
                database,
                BusMessageKind.Tag,
                (Scripts.RemoveTag, call.keys),
                call.message).ConfigureAwait(false),
            options.RemoteHardTimeout,
            cancellationToken).ConfigureAwait(false);
        if (answer.Succeeded)
            stamps.ObserveEpoch(answer.Value);
        return answer;
    }
}
