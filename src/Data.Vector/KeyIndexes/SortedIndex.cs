using Data.Vector.Filters;

namespace Data.Vector.KeyIndexes;

/// <summary>The slots of one key in the order of their values; answers ranges of numbers and of texts.</summary>
/// <remarks>
/// Two ordered lists of blocks, one for numbers and one for texts, since the two are never compared. A block splits when it is full, so an
/// insertion moves a few kilobytes at most. Safe for concurrent use: a lock is held for one record's change or one lookup.
/// </remarks>
internal sealed class SortedIndex(string key) : IKeyIndex
{
    private readonly Lock _gate = new();
    private readonly SortedBlocks _numbers = new();
    private readonly SortedBlocks _texts = new();

    public void Update(int slot, RecordTable records)
    {
        lock (_gate)
            Add(slot, records);
    }

    public void Remove(int slot, VectorMetadata gone, RecordTable records)
    {
        if (!gone.TryGetValue(key, out var value) || For(value) is not { } blocks)
            return;

        lock (_gate)
        {
            blocks.Remove(new SortedEntry(value, slot));
            Add(slot, records);
        }
    }

    public void CollectRange(ComparisonOperator comparison, MetadataValue bound, SlotBitmap into)
    {
        if (For(bound) is not { } blocks)
            return;

        lock (_gate)
            blocks.Collect(comparison, bound, into);
    }

    private void Add(int slot, RecordTable records)
    {
        var cell = records.Cell(slot);
        while (RecordVersion.Next(ref cell) is { } record)
        {
            if (record.Metadata!.TryGetValue(key, out var value))
                For(value)?.Add(new SortedEntry(value, slot));
        }
    }

    private SortedBlocks? For(MetadataValue value) => value.Kind switch
    {
        MetadataValueKind.WholeNumber or MetadataValueKind.Number => _numbers,
        MetadataValueKind.Text => _texts,
        _ => null,
    };
}
