namespace Data.Vector.Hnsw;

/// <summary>Lends scratch buffers: one home a thread by its number, and a new one where two threads meet.</summary>
internal sealed class ScratchPool
{
    private readonly SearchScratch?[] _homes = new SearchScratch?[Math.Max(
        16,
        (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount) * 4)];

    public SearchScratch Rent() => Interlocked.Exchange(ref Home, null) ?? new SearchScratch();

    public void Return(SearchScratch scratch) => Volatile.Write(ref Home, scratch);

    private ref SearchScratch? Home => ref _homes[Environment.CurrentManagedThreadId & (_homes.Length - 1)];
}
