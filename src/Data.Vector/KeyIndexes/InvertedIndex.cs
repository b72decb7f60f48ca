namespace Data.Vector.KeyIndexes;

/// <summary>Which slots carry which value of one key; answers equality, membership and elements of lists.</summary>
/// <remarks>Safe for concurrent use: a lock is held for one record's change or one lookup.</remarks>
internal sealed class InvertedIndex(string key) : IKeyIndex
{
    private readonly Lock _gate = new();
    private readonly Dictionary<MetadataValue, Posting> _values = [];
    private readonly Dictionary<MetadataValue, Posting> _elements = [];

    public void Update(int slot, RecordTable records)
    {
        lock (_gate)
            Add(slot, records);
    }

    public void Remove(int slot, VectorMetadata gone, RecordTable records)
    {
        if (!gone.TryGetValue(key, out var value))
            return;

        lock (_gate)
        {
            Change(value, slot, add: false);
            Add(slot, records);
        }
    }

    public void CollectValue(MetadataValue value, SlotBitmap into) => Collect(_values, value, into);

    public void CollectElement(MetadataValue element, SlotBitmap into) => Collect(_elements, element, into);

    /// <summary>One representative for numbers that compare equal.</summary>
    private static MetadataValue Canonical(MetadataValue value)
    {
        if (value.Kind != MetadataValueKind.Number)
            return value;

        var number = value.AsDouble();
        return Math.Floor(number) == number && number is >= long.MinValue and < 9223372036854775808.0 ? (long)number : value;
    }

    private void Add(int slot, RecordTable records)
    {
        var cell = records.Cell(slot);
        while (RecordVersion.Next(ref cell) is { } record)
        {
            if (record.Metadata!.TryGetValue(key, out var value))
                Change(value, slot, add: true);
        }
    }

    private void Collect(Dictionary<MetadataValue, Posting> postings, MetadataValue value, SlotBitmap into)
    {
        lock (_gate)
        {
            if (postings.TryGetValue(Canonical(value), out var posting))
                posting.OrInto(into);
        }
    }

    private void Change(MetadataValue value, int slot, bool add)
    {
        switch (value.Kind)
        {
            case MetadataValueKind.TextArray:
                foreach (var item in value.AsStrings())
                    Change(_elements, item, slot, add);

                break;
            case MetadataValueKind.WholeNumberArray:
                foreach (var item in value.AsInt64s())
                    Change(_elements, item, slot, add);

                break;
            case MetadataValueKind.NumberArray:
                foreach (var item in value.AsDoubles())
                    Change(_elements, item, slot, add);

                break;
            case MetadataValueKind.BooleanArray:
                foreach (var item in value.AsBooleans())
                    Change(_elements, item, slot, add);

                break;
            default:
                Change(_values, value, slot, add);
                break;
        }
    }

    private static void Change(Dictionary<MetadataValue, Posting> postings, MetadataValue value, int slot, bool add)
    {
        value = Canonical(value);
        if (!postings.TryGetValue(value, out var posting))
        {
            if (!add)
                return;

            postings.Add(value, posting = new Posting());
        }

        if (add)
        {
            posting.Add(slot);
            return;
        }

        posting.Remove(slot);
        if (posting.Count == 0)
            postings.Remove(value);
    }
}
