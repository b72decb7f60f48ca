using Data.Cache.Internal;

namespace Data.Cache.Redis;

/// <summary>Follows the message numbers of every node, so that a lost message is detected.</summary>
/// <remarks>
/// A sender's heartbeat lists its numbers that Redis has not acknowledged. A missing number that it does not list was published: it is lost
/// when it has not arrived within the grace period, because messages may overtake each other. A number whose command has failed is no gap.
/// While nothing is known about a number, the gap may stay open for several periods.
/// </remarks>
internal sealed class BusTracker(long self, TimeSpan grace, TimeProvider time)
{
    private const int MaxGaps = 1000;
    private const int UnknownPeriods = 4;
    private readonly Lock _lock = new();
    private readonly Dictionary<long, Sender> _senders = [];
    private readonly MonotonicClock _clock = new(time);
    private long _echo = long.MinValue;

    /// <summary>
    /// Time since a message of this node last came back, which proves that the subscription works; null before the first one.
    /// </summary>
    public TimeSpan? SinceEcho => Volatile.Read(ref _echo) is var echo and not long.MinValue
        ? TimeSpan.FromMilliseconds(_clock.Milliseconds - echo)
        : null;

    private long Grace => (long)grace.TotalMilliseconds;

    public void Received(in BusMessage message)
    {
        var now = _clock.Milliseconds;
        if (message.Sender == self)
            Volatile.Write(ref _echo, now);
        lock (_lock)
        {
            // Messages before the first one precede everything cached here that they could invalidate, or the last reset.
            if (!_senders.TryGetValue(message.Sender, out var sender))
                _senders.Add(message.Sender, sender = new Sender { Highest = message.Number });
            sender.Gaps.Remove(message.Number);
            for (var gap = Math.Max(sender.Highest + 1, message.Number - MaxGaps); gap < message.Number; gap++)
                sender.Gaps[gap] = now + (UnknownPeriods * Grace);
            sender.Highest = Math.Max(sender.Highest, message.Number);
            if (message.Kind == BusMessageKind.Heartbeat)
                Settle(sender, message.Number, Heartbeat.Read(message.Body).Open.ToHashSet(), now);
        }
    }

    /// <summary>Returns whether a message was lost since the last call.</summary>
    public bool TakeLoss()
    {
        var lost = false;
        var now = _clock.Milliseconds;
        lock (_lock)
        {
            foreach (var sender in _senders.Values)
            {
                foreach (var (gap, until) in sender.Gaps)
                {
                    if (now <= until)
                        continue;
                    sender.Gaps.Remove(gap);
                    lost = true;
                }
            }
        }

        return lost;
    }

    /// <summary>Forgets all numbers. For use when the local level is cleared.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            _senders.Clear();
            Volatile.Write(ref _echo, long.MinValue);
        }
    }

    private void Settle(Sender sender, long heartbeat, HashSet<long> open, long now)
    {
        foreach (var (gap, until) in sender.Gaps)
        {
            if (open.Contains(-gap))
                sender.Gaps.Remove(gap);
            else if (open.Contains(gap))
                sender.Gaps[gap] = now + (UnknownPeriods * Grace);
            else if (gap < heartbeat)
                sender.Gaps[gap] = Math.Min(until, now + Grace);
        }
    }

    private sealed class Sender
    {
        public long Highest;

        /// <summary>Missing numbers, with the moment from which each counts as lost.</summary>
        public Dictionary<long, long> Gaps { get; } = [];
    }
}
