using System.Buffers;
using System.Text.Json;
using ConfigurationService.Errors;
using ConfigurationService.Settings;

namespace ConfigurationService.Http;

/// <summary>Reads a request's JSON under the limits of the service, telling each way in which it can be wrong.</summary>
internal static class JsonBody
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };

    /// <summary>The body as a document, or a problem: 413 too large, 415 not JSON by its type, 400 not JSON by its content.</summary>
    public static async Task<JsonDocument> ReadAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var request = context.Request;
        if (!request.HasJsonContentType())
            throw new ProblemException(Problems.MediaType, "Send the body with Content-Type: application/json.");
        var limit = context.RequestServices.GetRequiredService<LimitSettings>().MaxBodyBytes;
        if (request.ContentLength > limit)
            throw TooLarge(limit);

        var bytes = await ReadBytesAsync(request, limit, cancellationToken);
        if (bytes.WrittenCount == 0)
            throw new ProblemException(Problems.MalformedJson, "The body is empty; a JSON object is expected.");
        try
        {
            return JsonDocument.Parse(bytes.WrittenMemory, Strict);
        }
        catch (JsonException e)
        {
            throw new ProblemException(Problems.MalformedJson, Where(e), inner: e);
        }
    }

    /// <summary>The body as an object at the root pointer, whose faults are gathered in <paramref name="errors"/>.</summary>
    public static BodyObject Root(JsonDocument document, BodyErrors errors)
    {
        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return new BodyObject(document.RootElement, "", errors);
        errors.Add(Problems.WrongType, "", "The body must be a JSON object.");
        errors.ThrowIfAny();
        return default;
    }

    // By hand and not by the server's own limit, so that the answer is the same behind every server, and a chunked body is counted too.
    private static async Task<ArrayBufferWriter<byte>> ReadBytesAsync(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        var bytes = new ArrayBufferWriter<byte>((int)Math.Clamp(request.ContentLength ?? 1024, 256, limit + 1));
        while (true)
        {
            var read = await request.Body.ReadAsync(bytes.GetMemory(1024), cancellationToken);
            if (read == 0)
                return bytes;
            bytes.Advance(read);
            if (bytes.WrittenCount > limit)
                throw TooLarge(limit);
        }
    }

    private static ProblemException TooLarge(int limit) =>
        new(Problems.BodyTooLarge, $"A body may have at most {limit} bytes.");

    // The parser's own text may quote the body, and a body may hold a secret: only the place goes back.
    private static string Where(JsonException e) =>
        $"The JSON cannot be read at line {(e.LineNumber ?? 0) + 1}, byte {(e.BytePositionInLine ?? 0) + 1}: "
        + "a syntax error, a member named twice in one object, or more than 32 levels.";
}
