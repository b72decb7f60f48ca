using System.Net;
using System.Text.Json;

namespace Data.Vector.Chroma;

/// <summary>Chroma's errors, <c>{"error", "message"}</c> with a status code, as the interface's exceptions.</summary>
internal static class ChromaErrors
{
    private const int MaxMessageLength = 500;

    public static async Task<VectorStoreException> FromAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var (error, message) = Parse(await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false));
        var status = (int)response.StatusCode;
        return response.StatusCode switch
        {
            HttpStatusCode.NotFound when error == "NotFoundError" => new VectorCollectionNotFoundException($"Chroma: {message}"),
            HttpStatusCode.Conflict => new VectorCollectionExistsException($"Chroma: {message}"),
            HttpStatusCode.BadRequest when error == "InvalidArgumentError" => new VectorInputException($"Chroma refused the request: {message}"),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
                new VectorStoreProtocolException($"Chroma refused the credentials ({status}); check Token, TokenHeader, Tenant and Database.", status, error),
            HttpStatusCode.Gone => new VectorStoreProtocolException("The server answers 410: this API version is gone; Chroma 1.0 or later is needed.", status, error),
            HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout =>
                new VectorStoreUnavailableException($"Chroma is not available now ({status}): {message}"),
            _ => new VectorStoreProtocolException($"Chroma answered {status} {error}: {message}", status, error),
        };
    }

    private static (string? Error, string Message) Parse(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object)
            {
                return (Text(root, "error"), Shorten(Text(root, "message") ?? ""));
            }
        }
        catch (JsonException)
        {
            // A proxy's page, most likely; its text says more than nothing.
        }

        return (null, Shorten(body));
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Shorten(string text) => text.Length <= MaxMessageLength ? text : text[..MaxMessageLength] + "…";
}
