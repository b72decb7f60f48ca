namespace Data.Vector.Hnsw;

/// <summary>The buffers of one search or one insertion, reused by the next: nothing is allocated once they have grown.</summary>
internal sealed unsafe class SearchScratch
{
    /// <summary>Slots that a scan scores together; the batches of a walk are as long as a list of links.</summary>
    public const int ScanBatch = 64;

    private ulong[] _visited = [];
    private ulong[] _pool = [];
    private byte[] _code = [];
    private int[] _batch = [];
    private uint[] _keys = [];
    private ulong[] _near = [];

    /// <summary>One bit per slot, set once the slot has been scored.</summary>
    public ulong* Visited { get; private set; }

    public ulong* Pool { get; private set; }

    /// <summary>The query's code, aligned to a cache line.</summary>
    public byte* Code { get; private set; }

    /// <summary>Slots to score together.</summary>
    public int* Batch { get; private set; }

    /// <summary>Their keys.</summary>
    public uint* Keys { get; private set; }

    /// <summary>Those that may be near enough, as entries of the pool.</summary>
    public ulong* Near { get; private set; }

    public void Prepare(int slots, int poolSize, int codeBytes, int width)
    {
        var words = (slots + 63) >>> 6;
        if (_visited.Length < words)
        {
            _visited = GC.AllocateUninitializedArray<ulong>(words + (words / 4) + 64, pinned: true);
            Visited = Address(_visited);
        }

        new Span<ulong>(Visited, words).Clear();
        if (_pool.Length < poolSize + CandidatePool.Spare)
        {
            _pool = GC.AllocateUninitializedArray<ulong>(poolSize + CandidatePool.Spare, pinned: true);
            Pool = Address(_pool);
        }

        if (_code.Length < codeBytes + 63)
        {
            _code = GC.AllocateUninitializedArray<byte>(codeBytes + 63, pinned: true);
            Code = (byte*)(((nuint)Address(_code) + 63) & ~(nuint)63);
        }

        var batch = Math.Max(width, ScanBatch) + 4;
        if (_batch.Length < batch)
        {
            _batch = GC.AllocateUninitializedArray<int>(batch, pinned: true);
            _keys = GC.AllocateUninitializedArray<uint>(batch, pinned: true);
            _near = GC.AllocateUninitializedArray<ulong>(batch, pinned: true);
            Batch = Address(_batch);
            Keys = Address(_keys);
            Near = Address(_near);
        }
    }

    /// <summary>Marks slots as visited before a walk, which then passes them by.</summary>
    public void Exclude(ReadOnlySpan<ulong> slots, int limit)
    {
        var words = Math.Min(slots.Length, (limit + 63) >>> 6);
        slots[..words].CopyTo(new Span<ulong>(Visited, words));
    }

    public void ClearVisited(int slots) => new Span<ulong>(Visited, (slots + 63) >>> 6).Clear();

    private static T* Address<T>(T[] pinned)
        where T : unmanaged => (T*)System.Runtime.CompilerServices.Unsafe
            .AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(pinned));
}
