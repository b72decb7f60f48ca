namespace Data.Vector.Internal;

/// <summary>
/// Epoch-based reclamation (Fraser 2004): readers announce the epoch they entered in, and what a writer retires is freed only when
/// every reader that could still see it has left. Readers never wait for a writer and share no line with another reader.
/// </summary>
internal sealed class ReadEpochs
{
    // One announcement a pair of cache lines: neighbours would otherwise invalidate each other on every search.
    private const int CellStride = 16, CellsPerBlock = 64;

    private readonly Lock _gate = new();
    private readonly Queue<(long Epoch, Action Free)> _retired = new();
    private long[][] _blocks = [new long[CellsPerBlock * CellStride]];
    private long _epoch = 1;
    private volatile bool _closed;

    /// <summary>Enters; what is visible now stays until the pin is disposed.</summary>
    public ReadPin Enter()
    {
        var start = Environment.CurrentManagedThreadId;
        while (true)
        {
            var blocks = Volatile.Read(ref _blocks);
            foreach (var block in blocks)
            {
                for (var i = 0; i < CellsPerBlock; i++)
                {
                    var index = ((start + i) & (CellsPerBlock - 1)) * CellStride;
                    ref var cell = ref block[index];
                    if (Volatile.Read(ref cell) != 0 || Interlocked.CompareExchange(ref cell, Volatile.Read(ref _epoch), 0) != 0)
                        continue;
                    if (!_closed)
                        return new ReadPin(block, index);
                    Volatile.Write(ref cell, 0);
                    throw new ObjectDisposedException(null, "The vector index is closed.");
                }
            }

            AddBlock(blocks);
        }
    }

    /// <summary>
    /// Ends the current epoch and returns it: what was unlinked before the call is unseen once <see cref="IsQuiet"/> says so of it.
    /// </summary>
    public long Advance() => Interlocked.Increment(ref _epoch) - 1;

    /// <summary>Whether every reader that entered in <paramref name="epoch"/> or before has left.</summary>
    public bool IsQuiet(long epoch)
    {
        foreach (var block in Volatile.Read(ref _blocks))
        {
            for (var i = 0; i < CellsPerBlock; i++)
            {
                var entered = Volatile.Read(ref block[i * CellStride]);
                if (entered != 0 && entered <= epoch)
                    return false;
            }
        }

        return true;
    }

    /// <summary>Runs <paramref name="free"/> once no reader can see what was made unreachable before the call.</summary>
    public void Retire(Action free)
    {
        lock (_gate)
            _retired.Enqueue((Advance(), free));
        Reclaim();
    }

    /// <summary>Frees what no reader can see any more.</summary>
    public void Reclaim()
    {
        lock (_gate)
        {
            while (_retired.TryPeek(out var oldest) && IsQuiet(oldest.Epoch))
            {
                _retired.Dequeue();
                oldest.Free();
            }
        }
    }

    /// <summary>Refuses new readers, waits for those inside to leave, and frees everything retired.</summary>
    public void Close()
    {
        _closed = true;
        var epoch = Advance();
        var spin = new SpinWait();
        while (!IsQuiet(epoch))
            spin.SpinOnce();
        Reclaim();
    }

    private void AddBlock(long[][] seen)
    {
        lock (_gate)
        {
            if (ReferenceEquals(_blocks, seen))
                Volatile.Write(ref _blocks, [.. seen, new long[CellsPerBlock * CellStride]]);
        }
    }
}
