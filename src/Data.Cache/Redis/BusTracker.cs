using Data.Cache.Internal;

namespace Data.Cache.Redis;

/// <summary>Follows the message numbers of every node, so that a lost message is detected.</summary>
/// <remarks>
/// Messages of one node may overtake each other, so a gap counts as a loss only when it has stayed open for the grace period.
/// </remarks>
internal sealed class BusTracker(long self, TimeSpan grace, TimeProvider time)
{
    private const int MaxGaps = 1000;
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

    public void Received(in BusMessage message)
    {
        var now = _clock.Milliseconds;
        if (message.Sender == self)
            Volatile.Write(ref _echo, now);
        lock (_lock)
        {
            if (!_senders.TryGetValue(message.Sender, out var sender))
            {
                // Earlier messages of this node precede everything cached here that they could invalidate, or the last reset.
                _senders.Add(message.Sender, new Sender { Highest = message.Number });
                return;
            }

            if (message.Number <= sender.Highest)
            {
                sender.Gaps.Remove(message.Number);
                return;
            }

            for (var gap = Math.Max(sender.Highest + 1, message.Number - MaxGaps); gap < message.Number; gap++)
                sender.Gaps[gap] = now;
            sender.Highest = message.Number;
        }
    }

    /// <summary>Returns whether a message was lost since the last call.</summary>
    public bool TakeLoss()
    {
        var lost = false;
        var limit = _clock.Milliseconds - (long)grace.TotalMilliseconds;
        lock (_lock)
        {
            foreach (var sender in _senders.Values)
            {
                foreach (var (gap, since) in sender.Gaps)
                {
                    if (since >= limit)
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

    private sealed class Sender
    {
        public long Highest;

        /// <summary>Missing numbers, with the moment at which each was noticed.</summary>
        public Dictionary<long, long> Gaps { get; } = [];
    }
}
