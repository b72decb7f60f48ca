using System.Runtime.InteropServices;
using System.Text.Json;
using Data.Vector.Remote;

namespace Data.Vector.Chroma;

/// <summary>One record of an add, upsert or update.</summary>
internal sealed class ChromaWrite(string id)
{
    public string Id { get; } = id;

    /// <summary>The vector; empty keeps the old one (update only).</summary>
    public ReadOnlyMemory<float> Vector { get; init; }

    /// <summary>The text; null keeps the old one, or says that there is none.</summary>
    public string? Document { get; init; }

    /// <summary>The metadata to set; a null value drops the key.</summary>
    public IReadOnlyDictionary<string, MetadataValue?> Metadata { get; init; } =
        new Dictionary<string, MetadataValue?>(StringComparer.Ordinal);

    public static void WriteBatch(Utf8JsonWriter writer, IReadOnlyList<ChromaWrite> records, bool base64)
    {
        writer.WriteStartObject();
        JsonIds.Write(writer, [.. records.Select(static record => record.Id)]);
        writer.WriteStartArray("embeddings");
        foreach (var record in records)
        {
            WriteVector(writer, record.Vector.Span, base64);
            Flush(writer);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("metadatas");
        foreach (var record in records)
        {
            WriteMetadata(writer, record.Metadata);
            Flush(writer);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("documents");
        foreach (var record in records)
        {
            writer.WriteStringValue(record.Document);
            Flush(writer);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    public static void WriteVector(Utf8JsonWriter writer, ReadOnlySpan<float> vector, bool base64)
    {
        if (vector.IsEmpty)
            writer.WriteNullValue();
        else if (base64 && BitConverter.IsLittleEndian)
            writer.WriteBase64StringValue(MemoryMarshal.AsBytes(vector));
        else
            JsonVectors.Write(writer, vector);
    }

    private static void WriteMetadata(Utf8JsonWriter writer, IReadOnlyDictionary<string, MetadataValue?> metadata)
    {
        if (metadata.Count == 0)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartObject();
        foreach (var (key, value) in metadata)
        {
            writer.WritePropertyName(key);
            if (value is { } present)
                JsonScalars.Write(writer, present);
            else
                writer.WriteNullValue();
        }

        writer.WriteEndObject();
    }

    private static void Flush(Utf8JsonWriter writer)
    {
        // Keeps the body's memory bounded whatever the batch holds.
        if (writer.BytesPending > 1 << 16)
            writer.Flush();
    }
}
