namespace Data.Vector.Hnsw;

/// <summary>Striped spin locks of the nodes. A thread holds one for microseconds, and never two at a time.</summary>
internal sealed class NodeLocks
{
    private const int Stripes = 1 << 14;

    private readonly int[] _held = new int[Stripes];

    public void Enter(int slot)
    {
        ref var held = ref _held[slot & (Stripes - 1)];
        if (Interlocked.CompareExchange(ref held, 1, 0) == 0)
            return;
        var spin = new SpinWait();
        do
            spin.SpinOnce(sleep1Threshold: -1);
        while (Volatile.Read(ref held) != 0 || Interlocked.CompareExchange(ref held, 1, 0) != 0);
    }

    public void Exit(int slot) => Volatile.Write(ref _held[slot & (Stripes - 1)], 0);
}
