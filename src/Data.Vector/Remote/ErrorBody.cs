using System.Text.Json;

namespace Data.Vector.Remote;

/// <summary>Reads the bodies of errors: those of the server, or of a proxy in between.</summary>
internal static class ErrorBody
{
    private const int MaxMessageLength = 500;

    /// <summary>
    /// Passes the body to a reader when it is a JSON object; otherwise its text is the message.
    /// </summary>
    public static (string? Code, string Message) Parse(string body, Func<JsonElement, (string? Code, string? Message)> read)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                var (code, message) = read(document.RootElement);
                return (code, Shorten(message ?? ""));
            }
        }
        catch (JsonException)
        {
            // A proxy's page, most likely.
        }

        return (null, Shorten(body));
    }

    public static string? Text(JsonElement root, string name) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ?
            value.GetString() :
            null;

    private static string Shorten(string text) => text.Length <= MaxMessageLength ? text : text[..MaxMessageLength] + "…";
}
