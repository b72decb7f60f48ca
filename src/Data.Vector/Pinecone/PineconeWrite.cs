using System.Text.Json;
using Data.Vector.Remote;

namespace Data.Vector.Pinecone;

/// <summary>One record of an upsert.</summary>
internal sealed class PineconeWrite(VectorRecord record, int position)
{
    // The longest a float gets in JSON, with its comma.
    private const int FloatBytes = 15, Frame = 100;

    private readonly ReadOnlyMemory<byte> _metadata = PineconeMetadata.Encode(record, position);

    /// <summary>About the bytes that the record takes in a request, rather more than less.</summary>
    public int Bytes => Frame + (record.Id.Length * 6) + (record.Vector.Length * FloatBytes) + _metadata.Length;

    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("id", record.Id);
        writer.WritePropertyName("values");
        JsonVectors.Write(writer, record.Vector.Span);
        writer.WritePropertyName("metadata");
        writer.WriteRawValue(_metadata.Span, skipInputValidation: true);
        writer.WriteEndObject();
    }
}
