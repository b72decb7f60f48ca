using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Data.Vector.Remote;

/// <summary>Metadata values as JSON: texts, numbers and Booleans; whole and floating-point numbers stay distinct.</summary>
internal static class JsonScalars
{
    private const int MaxPlainElement = 128;

    public static void Write(Utf8JsonWriter writer, MetadataValue value)
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

    /// <summary>Reads a value; false when it is neither a text nor a number nor a Boolean.</summary>
    public static bool TryRead(JsonElement json, out MetadataValue value)
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

    /// <summary>Returns one description for values that compare equal, such as 1 and 1.0; long texts are described by their hash.</summary>
    public static string Describe(MetadataValue value)
    {
        switch (value.Kind)
        {
            case MetadataValueKind.Text when value.AsString().Length > MaxPlainElement:
                return "h:" + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(value.AsString())));
            case MetadataValueKind.Text:
                return "s:" + value.AsString();
            case MetadataValueKind.Boolean:
                return "b:" + value;
            case MetadataValueKind.Number when Math.Floor(value.AsDouble()) == value.AsDouble() && Math.Abs(value.AsDouble()) < 9e18:
                return "n:" + ((long)value.AsDouble()).ToString(CultureInfo.InvariantCulture);
            default:
                return "n:" + value;
        }
    }

    /// <summary>Returns a number that reads as floating-point: without the point a reader would take it for a whole number.</summary>
    private static string Format(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().IndexOfAny('.', 'E') < 0 ? text + ".0" : text;
    }

    private static MetadataValue Number(JsonElement value)
    {
        if (value.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') < 0 && value.TryGetInt64(out var whole))
            return whole;

        return value.GetDouble();
    }
}
