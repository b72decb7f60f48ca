namespace Data.Resilience.Replicas;

/// <summary>
/// Positions of the primary over time, on this process's clock, from which a replica's position gives the age of its data.
/// </summary>
/// <remarks>
/// Servers' clocks are not compared, and a primary that writes nothing does not make its replicas look old, as the time of their last
/// replayed transaction would. Written by one thread at a time, under a lock, as reads are.
/// </remarks>
internal sealed class PrimaryHistory
{
    private const int Capacity = 4096;
    private readonly Lock _lock = new();
    private readonly List<(ulong Position, long Timestamp)> _samples = [];
    private (ulong SystemIdentifier, uint Timeline) _history;

    /// <summary>Records a position and the time before it was requested.</summary>
    public void Add(NodePosition primary, long timestamp)
    {
        lock (_lock)
        {
            if (_history != (primary.SystemIdentifier, primary.Timeline))
            {
                _samples.Clear();
                _history = (primary.SystemIdentifier, primary.Timeline);
            }

            // The same place later: whoever has it is as fresh as that.
            if (_samples.Count > 0 && _samples[^1].Position == primary.Position)
                _samples.RemoveAt(_samples.Count - 1);
            if (_samples.Count == Capacity)
                _samples.RemoveRange(0, Capacity / 2);
            _samples.Add((primary.Position, timestamp));
        }
    }

    /// <summary>Whether a cluster and timeline are those the primary was last seen on.</summary>
    public bool IsCurrent(ulong systemIdentifier, uint timeline)
    {
        lock (_lock)
            return _samples.Count > 0 && _history == (systemIdentifier, timeline);
    }

    /// <summary>
    /// The latest time as of which a replica at a position has everything; null when it is behind all that is remembered.
    /// </summary>
    public long? CoveredAt(ulong position)
    {
        lock (_lock)
        {
            for (var i = _samples.Count - 1; i >= 0; i--)
            {
                if (_samples[i].Position <= position)
                    return _samples[i].Timestamp;
            }

            return null;
        }
    }
}
