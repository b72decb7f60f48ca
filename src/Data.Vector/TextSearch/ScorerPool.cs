namespace Data.Vector.TextSearch;

/// <summary>Pools the buffers of searches, which are large, in one cell per thread id, for all collections.</summary>
internal static class ScorerPool
{
    private static readonly SegmentScorer?[] Cells = new SegmentScorer?[
        (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount) * 2];

    private static ref SegmentScorer? Cell => ref Cells[Environment.CurrentManagedThreadId & (Cells.Length - 1)];

    public static SegmentScorer Rent() => Interlocked.Exchange(ref Cell, null) ?? new SegmentScorer();

    public static void Return(SegmentScorer scorer) => Volatile.Write(ref Cell, scorer);
}
