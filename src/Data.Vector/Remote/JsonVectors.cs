using System.Text.Json;

namespace Data.Vector.Remote;

/// <summary>Vectors as lists of numbers.</summary>
internal static class JsonVectors
{
    public static void Write(Utf8JsonWriter writer, ReadOnlySpan<float> vector)
    {
        writer.WriteStartArray();
        foreach (var value in vector)
            writer.WriteNumberValue(value);

        writer.WriteEndArray();
    }

    /// <summary>Reads a vector; null when there is none.</summary>
    public static float[]? Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Array)
            return null;

        var vector = new float[json.GetArrayLength()];
        var i = 0;
        foreach (var value in json.EnumerateArray())
            vector[i++] = value.GetSingle();

        return vector;
    }
}
