using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Data.Vector.Metadata;
using Data.Vector.Remote;

namespace Data.Vector.Pinecone;

/// <summary>
/// A record's metadata and text as Pinecone holds them: one flat object of texts, numbers, truth values and lists of texts.
/// </summary>
/// <remarks>
/// Every number is a double there, so a whole number beyond 2^53, and a fraction-less double, leave a note under <c>__data.exact.</c> that
/// says what they were. A list goes under <c>__data.list.</c> as text, and under <c>__data.has.</c> as a list of its elements'
/// descriptions, which filters ask for. The record's text is <c>__data.document</c>. Applications never see these keys.
/// </remarks>
internal static class PineconeMetadata
{
    /// <summary>Bytes of JSON that a record may have.</summary>
    public const int MaxBytes = 40 * 1024;

    /// <summary>From here on doubles stand for several whole numbers.</summary>
    public const long ExactLimit = 1L << 53;

    private const string Document = MetadataKeys.OwnPrefix + "document";
    private const string ExactPrefix = MetadataKeys.OwnPrefix + "exact.";
    private const string ListPrefix = MetadataKeys.OwnPrefix + "list.";
    private const string ElementsPrefix = MetadataKeys.OwnPrefix + "has.";
    private const string Fraction = "n";

    public static string ElementsKey(string key) => ElementsPrefix + key;

    /// <summary>The object as JSON.</summary>
    /// <exception cref="VectorInputException">It is larger than Pinecone takes.</exception>
    public static ReadOnlyMemory<byte> Encode(VectorRecord record, int position)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            if (record.Document is not null)
                writer.WriteString(Document, record.Document);

            foreach (var (key, value) in (record.Metadata ?? VectorMetadata.Empty).Entries)
                Write(writer, key, value);

            writer.WriteEndObject();
        }

        return buffer.WrittenCount <= MaxBytes
            ? buffer.WrittenMemory
            : throw new VectorInputException(
                $"Text and metadata of '{record.Id}' at position {position} take {buffer.WrittenCount:N0} bytes; Pinecone takes "
                + $"{MaxBytes:N0}. Keep long texts elsewhere.", record.Id, position);
    }

    public static VectorRecord Decode(string id, JsonElement metadata, float[]? vector, bool includeDocument)
    {
        if (metadata.ValueKind != JsonValueKind.Object)
            return new VectorRecord(id, vector) { Metadata = VectorMetadata.Empty };

        var entries = new List<KeyValuePair<string, MetadataValue>>();
        foreach (var property in metadata.EnumerateObject())
        {
            if (property.Name.StartsWith(ListPrefix, StringComparison.Ordinal))
            {
                entries.Add(new(property.Name[ListPrefix.Length..], ListText.FromJson(property.Value.GetString()!)));
            }
            else if (!property.Name.StartsWith(MetadataKeys.OwnPrefix, StringComparison.Ordinal)
                            && TryRead(metadata, property, out var value))
            {
                entries.Add(new(property.Name, value));
            }
        }

        return new VectorRecord(id, vector)
        {
            Document = includeDocument ? ErrorBody.Text(metadata, Document) : null,
            Metadata = VectorMetadata.FromOwned([.. entries]),
        };
    }

    private static void Write(Utf8JsonWriter writer, string key, MetadataValue value)
    {
        if (value.IsArray)
        {
            writer.WriteString(ListPrefix + key, ListText.ToJson(value));
            writer.WriteStartArray(ElementsKey(key));
            foreach (var element in ListText.Elements(value))
                writer.WriteStringValue(JsonScalars.Describe(element));

            writer.WriteEndArray();
            return;
        }

        writer.WritePropertyName(key);
        if (value.Kind == MetadataValueKind.WholeNumber && !IsExact(value.AsInt64()))
        {
            JsonScalars.Write(writer, (double)value.AsInt64());
            writer.WriteString(ExactPrefix + key, value.AsInt64().ToString(CultureInfo.InvariantCulture));
        }
        else
        {
            JsonScalars.Write(writer, value);
            if (value.Kind == MetadataValueKind.Number && IsWhole(value.AsDouble()))
                writer.WriteString(ExactPrefix + key, Fraction);
        }
    }

    private static bool TryRead(JsonElement metadata, JsonProperty property, out MetadataValue value)
    {
        if (property.Value.ValueKind == JsonValueKind.Array)
        {
            // Written by another client: lists of texts are all that Pinecone has.
            value = MetadataValue.FromOwned(property.Value.EnumerateArray().Select(static item => item.GetString()!).ToArray());
            return true;
        }

        if (property.Value.ValueKind != JsonValueKind.Number)
            return JsonScalars.TryRead(property.Value, out value);

        var number = property.Value.GetDouble();
        value = ErrorBody.Text(metadata, ExactPrefix + property.Name) switch
        {
            Fraction => (MetadataValue)number,
            { } whole => (MetadataValue)long.Parse(whole, CultureInfo.InvariantCulture),
            null => IsWhole(number) ? (MetadataValue)(long)number : (MetadataValue)number,
        };
        return true;
    }

    private static bool IsExact(long value) => value is > -ExactLimit and < ExactLimit;

    private static bool IsWhole(double value) => Math.Abs(value) < ExactLimit && Math.Floor(value) == value;
}
