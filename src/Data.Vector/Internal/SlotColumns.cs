namespace Data.Vector.Internal;

/// <summary>
/// A table of fixed-size cells, one row a slot, one region a column. Its regions never move; growing past the reservation makes
/// a new table, and the old one is freed when its last reader has left.
/// </summary>
internal sealed unsafe class SlotColumns : IDisposable
{
    private readonly NativeRegion[] _regions;
    private readonly int[] _strides;

    public SlotColumns(ReadOnlySpan<int> strides, int capacity)
    {
        _strides = strides.ToArray();
        _regions = new NativeRegion[strides.Length];
        Capacity = capacity;
        for (var i = 0; i < _regions.Length; i++)
            _regions[i] = new NativeRegion(Math.Max(1, (long)strides[i] * capacity));
    }

    private SlotColumns(int[] strides, NativeRegion[] regions, int capacity)
    {
        _strides = strides;
        _regions = regions;
        Capacity = capacity;
    }

    /// <summary>What the rows must be read with; it changes only together with a column.</summary>
    public object? Payload { get; init; }

    /// <summary>Rows that fit in the reservation.</summary>
    public int Capacity { get; }

    public byte* this[int column] => _regions[column].Base;

    public int Stride(int column) => _strides[column];

    public NativeRegion Region(int column) => _regions[column];

    /// <summary>Bytes of the first <paramref name="rows"/> rows in all columns, and how many of them are backed by a file.</summary>
    public long UsedBytes(int rows, out long mapped)
    {
        long used = 0;
        mapped = 0;
        for (var i = 0; i < _regions.Length; i++)
        {
            used += (long)rows * _strides[i];
            mapped += Math.Min(_regions[i].Mapped, (long)rows * _strides[i]);
        }

        return used;
    }

    /// <summary>Makes the first <paramref name="rows"/> rows usable.</summary>
    public void Commit(int rows)
    {
        for (var i = 0; i < _regions.Length; i++)
            _regions[i].Commit((long)_strides[i] * rows);
    }

    /// <summary>The same rows in a table that holds more.</summary>
    public SlotColumns CopyTo(int capacity, int rows)
    {
        var copy = new SlotColumns(_strides, capacity) { Payload = Payload };
        try
        {
            copy.Commit(rows);
            for (var i = 0; i < _regions.Length; i++)
            {
                var bytes = (long)_strides[i] * rows;
                Buffer.MemoryCopy(_regions[i].Base, copy._regions[i].Base, bytes, bytes);
            }

            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <summary>The same table with one column replaced; the old column stays with whoever still reads the old table.</summary>
    public SlotColumns With(int column, NativeRegion region, object? payload)
    {
        var regions = _regions.ToArray();
        regions[column] = region;
        return new SlotColumns(_strides, regions, Capacity) { Payload = payload };
    }

    public void Dispose()
    {
        foreach (var region in _regions)
            region?.Dispose();
    }
}
