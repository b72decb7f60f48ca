using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Data.Vector.Metadata;
using Data.Vector.Remote;

namespace Data.Vector.PgVector;

/// <summary>A record's metadata as jsonb: one object whose values are texts, numbers, truth values and lists of them.</summary>
/// <remarks>
/// jsonb holds every number as a decimal with its trailing zeros, so the double 1 is written as <c>1.0</c> and stays apart from the whole
/// number 1, which it equals in comparisons. What an empty list is a list of is kept under <c>__data.empty.</c>, lists of texts excepted.
/// </remarks>
internal static class PgMetadata
{
    private const string EmptyPrefix = MetadataKeys.OwnPrefix + "empty.";

    public static string Encode(VectorMetadata metadata) => Json(writer =>
    {
        writer.WriteStartObject();
        foreach (var (key, value) in metadata.Entries)
        {
            writer.WritePropertyName(key);
            Write(writer, value);
            if (value.IsArray && value.Kind != MetadataValueKind.TextArray && !ListText.Elements(value).Any())
                writer.WriteString(EmptyPrefix + key, value.Kind.ToString());
        }

        writer.WriteEndObject();
    });

    /// <summary>A value alone.</summary>
    public static string Encode(MetadataValue value) => Json(writer => Write(writer, value));

    /// <summary>An object that the metadata of a record contains when a key has the value, or a list with the value.</summary>
    public static string Part(string key, MetadataValue value, bool inList) => Json(writer =>
    {
        writer.WriteStartObject();
        writer.WritePropertyName(key);
        if (inList)
            writer.WriteStartArray();

        Write(writer, value);
        if (inList)
            writer.WriteEndArray();

        writer.WriteEndObject();
    });

    /// <summary>Reads the object; values that are no metadata, which only other programs write, are left out.</summary>
    public static VectorMetadata Decode(string json)
    {
        using var document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            return VectorMetadata.Empty;

        var entries = new List<KeyValuePair<string, MetadataValue>>();
        foreach (var property in document.RootElement.EnumerateObject())
        {
            if (!property.Name.StartsWith(MetadataKeys.OwnPrefix, StringComparison.Ordinal)
                && TryRead(document.RootElement, property, out var value))
            {
                entries.Add(new(property.Name, value));
            }
        }

        return VectorMetadata.FromOwned([.. entries]);
    }

    private static bool TryRead(JsonElement metadata, JsonProperty property, out MetadataValue value)
    {
        if (property.Value.ValueKind != JsonValueKind.Array)
            return JsonScalars.TryRead(property.Value, out value);

        if (property.Value.GetArrayLength() == 0)
        {
            value = Empty(ErrorBody.Text(metadata, EmptyPrefix + property.Name));
            return true;
        }

        var elements = new List<MetadataValue>();
        foreach (var item in property.Value.EnumerateArray())
        {
            if (!JsonScalars.TryRead(item, out var element))
                break;

            elements.Add(element);
        }

        value = elements.Count == property.Value.GetArrayLength() ? List(elements) : default;
        return value.Kind != MetadataValueKind.None;
    }

    private static MetadataValue Empty(string? kind) => kind switch
    {
        nameof(MetadataValueKind.WholeNumberArray) => Array.Empty<long>(),
        nameof(MetadataValueKind.NumberArray) => Array.Empty<double>(),
        nameof(MetadataValueKind.BooleanArray) => Array.Empty<bool>(),
        _ => Array.Empty<string>(),
    };

    private static MetadataValue List(List<MetadataValue> elements)
    {
        var kinds = elements.Select(static element => element.Kind).Distinct().Order().ToArray();
        return kinds switch
        {
            [MetadataValueKind.Text] => elements.Select(static element => element.AsString()).ToArray(),
            [MetadataValueKind.WholeNumber] => elements.Select(static element => element.AsInt64()).ToArray(),
            [MetadataValueKind.Number] or [MetadataValueKind.WholeNumber, MetadataValueKind.Number]
                => elements.Select(static element => element.AsDouble()).ToArray(),
            [MetadataValueKind.Boolean] => elements.Select(static element => element.AsBoolean()).ToArray(),
            _ => default(MetadataValue),
        };
    }

    private static void Write(Utf8JsonWriter writer, MetadataValue value)
    {
        if (value.IsArray)
        {
            writer.WriteStartArray();
            foreach (var element in ListText.Elements(value))
                Write(writer, element);

            writer.WriteEndArray();
        }
        else if (value.Kind == MetadataValueKind.Number)
        {
            writer.WriteRawValue(Format(value.AsDouble()), skipInputValidation: true);
        }
        else
        {
            JsonScalars.Write(writer, value);
        }
    }

    /// <summary>
    /// A number with a decimal point. A whole one has all its digits: its shortest form would be another number beside whole numbers.
    /// </summary>
    private static string Format(double value) => value.ToString(Math.Floor(value) == value ? "F1" : "R", CultureInfo.InvariantCulture);

    private static string Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
            write(writer);

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
