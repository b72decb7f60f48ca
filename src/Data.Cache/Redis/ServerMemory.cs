using StackExchange.Redis;

namespace Data.Cache.Redis;

/// <summary>What this node knows of one server's memory, from its heartbeats there.</summary>
/// <remarks>Heartbeats are sent one after another; those of other nodes arrive concurrently.</remarks>
internal sealed class ServerMemory
{
    private readonly Lock _lock = new();
    private string? _since;
    private string? _run;
    private string? _evicted;
    private long _heard;

    /// <summary>The latest heartbeat that the server must remember, of any node; 0 for none.</summary>
    public long Heard
    {
        get
        {
            lock (_lock)
                return _heard;
        }
    }

    /// <summary>The latest heartbeat of this node; 0 for none.</summary>
    public long Own { get; private set; }

    /// <summary>Observes a heartbeat of any node.</summary>
    public void Observe(long beat)
    {
        lock (_lock)
            _heard = Math.Max(_heard, beat);
    }

    /// <summary>Compares an answer with the one before it. The next one is compared with this one.</summary>
    /// <param name="beat">The heartbeat of this node that was answered.</param>
    /// <param name="memory">The epoch of the last loss, the run id, and the count of evictions.</param>
    /// <param name="lost">Whether the server has just found a loss.</param>
    public (bool Lost, bool Changed, bool Evicted) Compare(long beat, ReadOnlySpan<RedisValue> memory, bool lost)
    {
        var (since, run, evicted) = ((string)memory[0]!, (string)memory[1]!, (string)memory[2]!);
        var verdict = (
            Lost: lost || (_since is not null && _since != since),
            Changed: _run is not null && _run != run,
            Evicted: evicted.Length == 0 || evicted != (_evicted ?? "0"));
        (_since, _run, _evicted) = (since, run, evicted);
        Own = beat;
        Observe(beat);
        return verdict;
    }
}
