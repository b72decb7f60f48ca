namespace Data.Vector.KeyIndexes;

/// <summary>A record that has replaced another in its slot, while reads may still want the other.</summary>
/// <param name="record">The record.</param>
/// <param name="older">The record before it, or the version of it.</param>
internal sealed class RecordVersion(VectorRecord record, object older)
{
    private long _since = long.MaxValue;
    private object? _older = older;

    public VectorRecord Record { get; } = record;

    /// <summary>The first version of the collection that has the record.</summary>
    public long Since
    {
        get => Volatile.Read(ref _since);
        set => Volatile.Write(ref _since, value);
    }

    /// <summary>What was there before; null once no read wants it.</summary>
    public object? Older => Volatile.Read(ref _older);

    public void Forget() => Volatile.Write(ref _older, null);

    /// <summary>Returns the newest record of a cell and moves on to the one before it; null at the end.</summary>
    public static VectorRecord? Next(ref object? cell)
    {
        var current = cell;
        cell = (current as RecordVersion)?.Older;
        return current as VectorRecord ?? (current as RecordVersion)?.Record;
    }
}
