namespace Data.Cache.Redis;

/// <summary>Follows the numbers of every node's messages, so that one that got lost is noticed.</summary>
/// <remarks>Messages of one node may overtake each other, so a hole counts as a loss only when it stays open for a while.</remarks>
internal sealed class BusTracker(long self, TimeSpan grace, Func<long> milliseconds)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, Sender> _senders = [];
    private long _echo = long.MinValue;

    /// <summary>Moment of the last message of our own that came back; proof that the subscription lives.</summary>
    public long LastEcho => Volatile.Read(ref _echo);

    public void Seen(in BusMessage message)
    {
        var now = milliseconds();
        if (message.Sender == self)
            Volatile.Write(ref _echo, now);
        lock (_lock)
        {
            if (!_senders.TryGetValue(message.Sender, out var sender))
            {
                // What a node sent before we heard of it was sent before we cached anything it touched, or falls under the last reset.
                _senders.Add(message.Sender, new Sender { Highest = message.Number, LastSeen = now });
                return;
            }

            sender.LastSeen = now;
            if (message.Number <= sender.Highest)
            {
                sender.Holes.Remove(message.Number);
                return;
            }

            for (var hole = Math.Max(sender.Highest + 1, message.Number - 1000); hole < message.Number; hole++)
                sender.Holes[hole] = now;
            sender.Highest = message.Number;
        }
    }

    /// <summary>Whether a message was lost since the last call, and forgets it.</summary>
    public bool TakeLoss()
    {
        var lost = false;
        var limit = milliseconds() - (long)grace.TotalMilliseconds;
        lock (_lock)
        {
            foreach (var sender in _senders.Values)
            {
                foreach (var (hole, since) in sender.Holes)
                {
                    if (since >= limit)
                        continue;
                    sender.Holes.Remove(hole);
                    lost = true;
                }
            }
        }

        return lost;
    }

    /// <summary>Starts anew after everything local was dropped.</summary>
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
        public long LastSeen;
        public Dictionary<long, long> Holes { get; } = [];
    }
}
