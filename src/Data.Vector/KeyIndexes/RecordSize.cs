namespace Data.Vector.KeyIndexes;

/// <summary>Estimates the memory of a record, its vector left out.</summary>
internal static class RecordSize
{
    // On 64 bits: an object's header, the record's fields, its cell, and its entry in the table of ids.
    private const int Header = 16, Record = Header + 40, Cell = 8, IdEntry = 48;
    private const int Metadata = Header + 24, Entry = 32, TextHeader = 22;

    public static long Of(VectorRecord record)
    {
        var bytes = Record + Cell + IdEntry + Text(record.Id) + (record.Document is null ? 0 : Text(record.Document));
        if (record.Metadata is not { Count: > 0 } metadata)
            return bytes;

        bytes += Metadata;
        foreach (var (_, value) in metadata.Entries)
        {
            // Keys repeat, and are shared.
            bytes += Entry + value.Kind switch
            {
                MetadataValueKind.Text => Text(value.AsString()),
                MetadataValueKind.TextArray => Header + Texts(value.AsStrings()),
                MetadataValueKind.WholeNumberArray => Header + (8L * value.AsInt64s().Length),
                MetadataValueKind.NumberArray => Header + (8L * value.AsDoubles().Length),
                MetadataValueKind.BooleanArray => Header + value.AsBooleans().Length,
                _ => 0,
            };
        }

        return bytes;
    }

    private static long Texts(ReadOnlySpan<string> texts)
    {
        long bytes = 0;
        foreach (var text in texts)
            bytes += 8 + Text(text);

        return bytes;
    }

    private static long Text(string text) => (TextHeader + (2L * text.Length) + 7) / 8 * 8;
}
