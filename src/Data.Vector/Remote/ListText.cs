using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Data.Vector.Remote;

/// <summary>
/// Lists as JSON text with a leading kind, so that an empty list, or 1 and 1.0, keep their kind: <c>n[1.0,2.5]</c>.
/// </summary>
internal static class ListText
{
    public static IEnumerable<MetadataValue> Elements(MetadataValue list) => list.Kind switch
    {
        MetadataValueKind.TextArray => list.AsStrings().ToArray().Select(static item => (MetadataValue)item),
        MetadataValueKind.WholeNumberArray => list.AsInt64s().ToArray().Select(static item => (MetadataValue)item),
        MetadataValueKind.NumberArray => list.AsDoubles().ToArray().Select(static item => (MetadataValue)item),
        _ => list.AsBooleans().ToArray().Select(static item => (MetadataValue)item),
    };

    public static string ToJson(MetadataValue list)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            foreach (var element in Elements(list))
                JsonScalars.Write(writer, element);

            writer.WriteEndArray();
        }

        return Tag(list.Kind) + Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static MetadataValue FromJson(string text)
    {
        using var document = JsonDocument.Parse(text.AsMemory(1));
        var items = document.RootElement.EnumerateArray();
        return MetadataValue.FromOwned(text[0] switch
        {
            's' => items.Select(static item => item.GetString()!).ToArray(),
            'i' => items.Select(static item => item.GetInt64()).ToArray(),
            'n' => items.Select(static item => item.GetDouble()).ToArray(),
            _ => items.Select(static item => item.GetBoolean()).ToArray(),
        });
    }

    private static char Tag(MetadataValueKind kind) => kind switch
    {
        MetadataValueKind.TextArray => 's',
        MetadataValueKind.WholeNumberArray => 'i',
        MetadataValueKind.NumberArray => 'n',
        _ => 'b',
    };
}
