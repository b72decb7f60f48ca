namespace Data.Vector.Hnsw;

/// <summary>Pools scratch buffers in one cell per thread id; threads that share a cell allocate a new buffer when it is empty.</summary>
internal sealed class ScratchPool
{
    private readonly SearchScratch?[] _cells = new SearchScratch?[Math.Max(
        16,
        (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount) * 4)];

    public SearchScratch Rent() => Interlocked.Exchange(ref Cell, null) ?? new SearchScratch();

    public void Return(SearchScratch scratch) => Volatile.Write(ref Cell, scratch);

    private ref SearchScratch? Cell => ref _cells[Environment.CurrentManagedThreadId & (_cells.Length - 1)];
}
