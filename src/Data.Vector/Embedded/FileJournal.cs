using Data.Vector.Storage;

namespace Data.Vector.Embedded;

/// <summary>The journal of a collection in a folder.</summary>
internal sealed class FileJournal(JournalWriter writer) : IWriteJournal
{
    private const byte PutKind = 1, DeleteKind = 2;

    public bool HasFailed => writer.HasFailed;

    public ValueTask PutAsync(IReadOnlyList<VectorRecord> records, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var content = new ByteWriter(records.Count * (64 + (records[0].Vector.Length * sizeof(float))));
        content.Byte(PutKind);
        content.Count(records.Count);
        foreach (var record in records)
            RecordCodec.Write(content, record);

        return writer.AppendAsync(content.Written);
    }

    public ValueTask DeleteAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var content = new ByteWriter(ids.Count * 40);
        content.Byte(DeleteKind);
        content.Count(ids.Count);
        foreach (var id in ids)
            content.Text(id);

        return writer.AppendAsync(content.Written);
    }

    public ValueTask DisposeAsync() => writer.DisposeAsync();

    /// <summary>Reads an entry's content.</summary>
    public static (List<VectorRecord> Put, List<string> Deleted) Parse(ReadOnlySpan<byte> content)
    {
        var reader = new ByteReader(content);
        var kind = reader.Byte();
        var count = reader.Count();
        var put = new List<VectorRecord>(kind == PutKind ? count : 0);
        var deleted = new List<string>(kind == DeleteKind ? count : 0);
        for (var i = 0; i < count; i++)
        {
            switch (kind)
            {
                case PutKind:
                    put.Add(RecordCodec.Read(ref reader));
                    break;
                case DeleteKind:
                    deleted.Add(reader.Text());
                    break;
                default:
                    throw new InvalidDataException($"An entry is of kind {kind}, which this version does not know.");
            }
        }

        return (put, deleted);
    }
}
