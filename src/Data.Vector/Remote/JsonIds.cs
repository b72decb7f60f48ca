using System.Text.Json;

namespace Data.Vector.Remote;

/// <summary>Ids as a property of a request.</summary>
internal static class JsonIds
{
    public static void Write(Utf8JsonWriter writer, IReadOnlyList<string> ids)
    {
        writer.WriteStartArray("ids");
        foreach (var id in ids)
            writer.WriteStringValue(id);

        writer.WriteEndArray();
    }
}
