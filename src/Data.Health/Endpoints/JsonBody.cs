using System.Globalization;
using System.Text.Json;

namespace Data.Health.Endpoints;

/// <summary>What the JSON writers share. Written by hand, so that no reflection is needed in trimmed and native applications.</summary>
internal static class JsonBody
{
    public static byte[] Write(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
            write(json);
        return stream.ToArray();
    }

    public static double Round(double value) => Math.Round(value, 6);

    /// <summary>Writes texts into the current array.</summary>
    public static void WriteValues(Utf8JsonWriter json, IEnumerable<string> values)
    {
        foreach (var value in values)
            json.WriteStringValue(value);
    }

    /// <summary>Writes the values that are safe to show into the current object.</summary>
    public static void WriteData(Utf8JsonWriter json, IReadOnlyDictionary<string, object> data)
    {
        foreach (var (key, value) in data)
        {
            if (SafeValue.IsSafe(key, value))
                WriteValue(json, key, value);
        }
    }

    private static void WriteValue(Utf8JsonWriter json, string key, object value)
    {
        switch (value)
        {
            case bool flag:
                json.WriteBoolean(key, flag);
                break;
            case float or double:
                var number = Convert.ToDouble(value, CultureInfo.InvariantCulture);
                if (double.IsFinite(number))
                    json.WriteNumber(key, Round(number));
                break;
            case decimal exact:
                json.WriteNumber(key, exact);
                break;
            case ulong big:
                json.WriteNumber(key, big);
                break;
            case byte or sbyte or short or ushort or int or uint or long:
                json.WriteNumber(key, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case DateTimeOffset at:
                json.WriteString(key, at);
                break;
            case DateTime at:
                json.WriteString(key, at);
                break;
            case IFormattable other:
                json.WriteString(key, other.ToString(null, CultureInfo.InvariantCulture));
                break;
            default:
                json.WriteString(key, value.ToString());
                break;
        }
    }
}
