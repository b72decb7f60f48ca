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
    private string? _incarnation;

    /// <summary>Returns whether messages were lost since the last call, or messages of this node have stopped coming back.</summary>
    public bool TakeLoss() =>
        _tracker.TakeLoss() || !(_tracker.SinceEcho <= (options.HeartbeatInterval * 3) + options.RemoteHardTimeout);

    /// <summary>Forgets which messages have arrived. For use when a connection starts.</summary>
    public void Restart() => _tracker.Reset();

    public void Received(in BusMessage message) => _tracker.Received(message);

    /// <summary>
    /// Publishes a heartbeat and reads the server's time. Returns a new epoch, higher than every epoch that this node knows.
    /// </summary>
    public async ValueTask<RemoteResult<long>> HeartbeatAsync(CancellationToken cancellationToken)
    {
        var beat = await gate.ProbeAsync(
            operation: null,
            (keys, message: new RedisValue[]
            {
                stamps.HighestEpoch, keys.Channel, sender.Next(BusMessageKind.Heartbeat), RedisValue.EmptyString,
            }),
            static async (database, call) =>
                (RedisValue[])(await database.ScriptEvaluateAsync(Scripts.Publish, [call.keys.Clock], call.message).ConfigureAwait(false))!,
            options.RemoteHardTimeout,
            cancellationToken).ConfigureAwait(false);
        if (!beat.Succeeded)
            return new RemoteResult<long>(beat.Failure);
        stamps.ObserveServerTime((long)beat.Value[1]);
        stamps.ObserveEpoch((long)beat.Value[0]);
        return new RemoteResult<long>((long)beat.Value[0]);
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

    /// <summary>Returns whether Redis has lost its data since the last check; null when it does not answer.</summary>
    public async Task<bool?> DataWasLostAsync(CancellationToken cancellationToken)
    {
        var answer = await gate.ProbeAsync(
            operation: null,
            keys.Incarnation,
            static async (database, key) =>
            {
                await database.StringSetAsync(key, Guid.NewGuid().ToString("N"), null, When.NotExists, CommandFlags.None)
                    .ConfigureAwait(false);
                return (string?)await database.StringGetAsync(key).ConfigureAwait(false);
            },
            options.RemoteHardTimeout,
            cancellationToken).ConfigureAwait(false);
        if (!answer.Succeeded)
            return null;
        var lost = _incarnation is not null && !string.Equals(_incarnation, answer.Value, StringComparison.Ordinal);
        _incarnation = answer.Value;
        return lost;
    }
}
