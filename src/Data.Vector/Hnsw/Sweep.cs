namespace Data.Vector.Hnsw;

/// <summary>
/// One pass over the table that removes deleted nodes: the nodes, and the slot up to which all links to them are gone. Each write repairs
/// a few lists, so that no single write pays for all; the sweep ends after half as many writes as it removes nodes.
/// </summary>
internal sealed class Sweep(int[] nodes, int limit)
{
    private const int NodesPerWrite = 2;

    private long _writes;

    /// <summary>The nodes being unlinked.</summary>
    public ReadOnlySpan<int> Nodes => nodes;

    /// <summary>The next slot to repair. Only the thread that advances the sweep changes it.</summary>
    public int Cursor { get; set; }

    public bool IsDone => Cursor >= limit;

    /// <summary>Counts a write and returns the slot that the cursor should have reached by now.</summary>
    public int NextGoal() => (int)Math.Min(limit, ((Interlocked.Increment(ref _writes) * NodesPerWrite * limit) / nodes.Length) + 1);
}
