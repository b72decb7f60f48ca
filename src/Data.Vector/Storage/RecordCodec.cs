namespace Data.Vector.Storage;

/// <summary>Records as bytes.</summary>
internal static class RecordCodec
{
    public static void Write(ByteWriter writer, VectorRecord record)
    {
        writer.Text(record.Id);
        writer.Floats(record.Vector.Span);
        writer.Byte((byte)(record.Document is null ? 0 : 1));
        if (record.Document is not null)
            writer.Text(record.Document);

        var metadata = record.Metadata ?? VectorMetadata.Empty;
        writer.Count(metadata.Count);
        foreach (var (key, value) in metadata.Entries)
        {
            writer.Text(key);
            WriteValue(writer, value);
        }
    }

    public static VectorRecord Read(ref ByteReader reader)
    {
        var id = reader.Text();
        var vector = reader.Floats();
        var document = reader.Byte() == 0 ? null : reader.Text();
        var entries = new KeyValuePair<string, MetadataValue>[reader.Count()];
        for (var i = 0; i < entries.Length; i++)
        {
            // Keys repeat in every record; interned, all records share one text.
            entries[i] = new(string.Intern(reader.Text()), ReadValue(ref reader));
        }

        return new VectorRecord(id, vector) { Document = document, Metadata = VectorMetadata.FromOwned(entries) };
    }

    private static void WriteValue(ByteWriter writer, MetadataValue value)
    {
        writer.Byte((byte)value.Kind);
        switch (value.Kind)
        {
            case MetadataValueKind.Text:
                writer.Text(value.AsString());
                break;
            case MetadataValueKind.WholeNumber:
                writer.Int64(value.AsInt64());
                break;
            case MetadataValueKind.Number:
                writer.Double(value.AsDouble());
                break;
            case MetadataValueKind.Boolean:
                writer.Byte((byte)(value.AsBoolean() ? 1 : 0));
                break;
            case MetadataValueKind.TextArray:
                WriteAll(writer, value.AsStrings(), static (w, item) => w.Text(item));
                break;
            case MetadataValueKind.WholeNumberArray:
                WriteAll(writer, value.AsInt64s(), static (w, item) => w.Int64(item));
                break;
            case MetadataValueKind.NumberArray:
                WriteAll(writer, value.AsDoubles(), static (w, item) => w.Double(item));
                break;
            case MetadataValueKind.BooleanArray:
                WriteAll(writer, value.AsBooleans(), static (w, item) => w.Byte((byte)(item ? 1 : 0)));
                break;
            default:
                throw new ArgumentException("A value without a kind cannot be stored.", nameof(value));
        }
    }

    private static void WriteAll<T>(ByteWriter writer, ReadOnlySpan<T> items, Action<ByteWriter, T> write)
    {
        writer.Count(items.Length);
        foreach (var item in items)
            write(writer, item);
    }

    private static MetadataValue ReadValue(ref ByteReader reader)
    {
        var kind = (MetadataValueKind)reader.Byte();
        switch (kind)
        {
            case MetadataValueKind.Text:
                return reader.Text();
            case MetadataValueKind.WholeNumber:
                return reader.Int64();
            case MetadataValueKind.Number:
                return reader.Double();
            case MetadataValueKind.Boolean:
                return reader.Byte() != 0;
        }

        var count = reader.Count();
        switch (kind)
        {
            case MetadataValueKind.TextArray:
                var texts = new string[count];
                foreach (ref var item in texts.AsSpan())
                    item = reader.Text();

                return MetadataValue.FromOwned(texts);
            case MetadataValueKind.WholeNumberArray:
                var wholes = new long[count];
                foreach (ref var item in wholes.AsSpan())
                    item = reader.Int64();

                return MetadataValue.FromOwned(wholes);
            case MetadataValueKind.NumberArray:
                var numbers = new double[count];
                foreach (ref var item in numbers.AsSpan())
                    item = reader.Double();

                return MetadataValue.FromOwned(numbers);
            case MetadataValueKind.BooleanArray:
                var flags = new bool[count];
                foreach (ref var item in flags.AsSpan())
                    item = reader.Byte() != 0;

                return MetadataValue.FromOwned(flags);
            default:
                throw new InvalidDataException($"A metadata value is of kind {(int)kind}, which this version does not know.");
        }
    }
}
