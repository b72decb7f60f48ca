using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Data.Vector.Chroma;

/// <summary>Metadata as Chroma holds it.</summary>
/// <remarks>
/// Chroma knows no lists, so a list under <c>tags</c> becomes its JSON under <c>__data.list.tags</c> and a mark
/// <c>__data.has.tags=…</c> per element, which filters ask for. It cannot take a text away from a record either: the text becomes empty, and
/// the mark <c>__data.no_document</c> says that there is none. Applications never see these keys.
/// </remarks>
internal static class ChromaMetadata
{
    public const string NoDocument = MetadataKeys.OwnPrefix + "no_document";

    private const string ListPrefix = MetadataKeys.OwnPrefix + "list.";
    private const string ElementPrefix = MetadataKeys.OwnPrefix + "has.";
    private const int MaxPlainElement = 128;

    public static string ElementMark(string key, MetadataValue element) => $"{ElementPrefix}{key}={Describe(element)}";

    /// <summary>The entries that a record's metadata becomes; a null value tells the server to drop the key.</summary>
    public static Dictionary<string, MetadataValue?> Encode(VectorMetadata metadata)
    {
        var entries = new Dictionary<string, MetadataValue?>(StringComparer.Ordinal);
        foreach (var (key, value) in metadata.Entries)
        {
            if (!value.IsArray)
            {
                entries[key] = value;
                continue;
            }

            entries[ListPrefix + key] = ChromaList.ToJson(value);
            foreach (var element in ChromaList.Elements(value))
            {
                entries[ElementMark(key, element)] = true;
            }
        }

        return entries;
    }

    public static VectorMetadata Decode(JsonElement metadata)
    {
        if (metadata.ValueKind != JsonValueKind.Object)
        {
            return VectorMetadata.Empty;
        }

        var entries = new List<KeyValuePair<string, MetadataValue>>();
        foreach (var property in metadata.EnumerateObject())
        {
            if (property.Name.StartsWith(ListPrefix, StringComparison.Ordinal))
            {
                entries.Add(new(property.Name[ListPrefix.Length..], ChromaList.FromJson(property.Value.GetString()!)));
            }
            else if (!property.Name.StartsWith(MetadataKeys.OwnPrefix, StringComparison.Ordinal) && TryScalar(property.Value, out var value))
            {
                entries.Add(new(property.Name, value));
            }
        }

        return VectorMetadata.FromOwned([.. entries]);
    }

    public static void WriteScalar(Utf8JsonWriter writer, MetadataValue value)
    {
        switch (value.Kind)
        {
            case MetadataValueKind.Text:
                writer.WriteStringValue(value.AsString());
                break;
            case MetadataValueKind.WholeNumber:
                writer.WriteNumberValue(value.AsInt64());
                break;
            case MetadataValueKind.Boolean:
                writer.WriteBooleanValue(value.AsBoolean());
                break;
            default:
                writer.WriteRawValue(Format(value.AsDouble()));
                break;
        }
    }

    /// <summary>A number that reads as a floating-point one: without the point the server would keep it as a whole number.</summary>
    private static string Format(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().IndexOfAny('.', 'E') < 0 ? text + ".0" : text;
    }

    private static bool TryScalar(JsonElement json, out MetadataValue value)
    {
        value = json.ValueKind switch
        {
            JsonValueKind.String => json.GetString()!,
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Number => Number(json),
            _ => default(MetadataValue),
        };
        return value.Kind != MetadataValueKind.None;
    }

    private static MetadataValue Number(JsonElement value)
    {
        if (value.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') < 0 && value.TryGetInt64(out var whole))
        {
            return whole;
        }

        return value.GetDouble();
    }

    /// <summary>One description for elements that compare equal, so 1 and 1.0 share a mark; long texts are named by their hash.</summary>
    private static string Describe(MetadataValue element)
    {
        switch (element.Kind)
        {
            case MetadataValueKind.Text when element.AsString().Length > MaxPlainElement:
                return "h:" + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(element.AsString())));
            case MetadataValueKind.Text:
                return "s:" + element.AsString();
            case MetadataValueKind.Boolean:
                return "b:" + element;
            case MetadataValueKind.Number when Math.Floor(element.AsDouble()) == element.AsDouble() && Math.Abs(element.AsDouble()) < 9e18:
                return "n:" + ((long)element.AsDouble()).ToString(CultureInfo.InvariantCulture);
            default:
                return "n:" + element;
        }
    }
}
