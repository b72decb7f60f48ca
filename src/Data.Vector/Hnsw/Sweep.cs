namespace Data.Vector.Hnsw;

/// <summary>
/// One round of taking deleted nodes out: the nodes that leave, and how far along the table all links to them are gone. Each write moves it
/// on by a few lists, so that no single one pays for all, and it is through after half as many writes as nodes leave.
/// </summary>
internal sealed class Sweep(int[] leaving, int limit)
{
    private const int Haste = 2;

    private long _writes;

    public ReadOnlySpan<int> Leaving => leaving;

    /// <summary>The next slot to repair; the thread that moves the sweep on owns it.</summary>
    public int Cursor { get; set; }

    public bool IsDone => Cursor >= limit;

    /// <summary>Counts a write and returns how far the cursor should be by now.</summary>
    public int NextGoal() => (int)Math.Min(limit, ((Interlocked.Increment(ref _writes) * Haste * limit) / leaving.Length) + 1);
}
