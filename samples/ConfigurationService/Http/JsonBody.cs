using System.Buffers;
using System.Text.Json;
using ConfigurationService.Errors;
using ConfigurationService.Schemas;
using ConfigurationService.Settings;

namespace ConfigurationService.Http;

/// <summary>
/// A request's body, checked against the declaration of its endpoint. What is wrong is gathered, so that the endpoint adds what only it
/// knows and then throws all of it at once.
/// </summary>
internal sealed class JsonBody : IDisposable
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = JsonText.MaxDepth };

    private readonly JsonDocument _document;

    private JsonBody(JsonDocument document, BodyErrors errors)
    {
        _document = document;
        Errors = errors;
    }

    public BodyErrors Errors { get; }

    public BodyObject Root => new(_document.RootElement, "", Errors);

    /// <summary>Reads and checks the body.</summary>
    /// <exception cref="ProblemException">413 too large, 415 not JSON by its type, 400 not JSON by its content, or no object.</exception>
    public static async Task<JsonBody> ReadAsync(HttpContext context)
    {
        var declaration = context.GetEndpoint()?.Metadata.GetMetadata<BodyDeclaration>()
            ?? throw new InvalidOperationException("The endpoint declares no body.");
        var limit = context.RequestServices.GetRequiredService<LimitSettings>().MaxBodyBytes;
        if (!MediaType.IsJson(context.Request) && !MediaType.MayBeJson(context.Request))
            throw new ProblemException(Problems.MediaType, MediaType.Rule);
        if (context.Request.ContentLength > limit)
            throw TooLarge(limit);

        var bytes = await ReadBytesAsync(context.Request, limit, context.RequestAborted);
        if (!MediaType.IsJson(context.Request) && !MediaType.LooksLikeJson(bytes.WrittenSpan))
            throw new ProblemException(Problems.MediaType, MediaType.Rule);
        if (bytes.WrittenCount == 0)
            throw new ProblemException(Problems.MalformedJson, "The body is empty; a JSON object is expected.");
        return Parse(bytes.WrittenMemory, declaration);
    }

    public void Dispose() => _document.Dispose();

    private static JsonBody Parse(ReadOnlyMemory<byte> bytes, BodyDeclaration declaration)
    {
        var errors = new BodyErrors();
        JsonDocument document;
        try
        {
            JsonText.Check(bytes.Span, errors);
            // What cannot be a text cannot be compared with the names that the shape knows either.
            errors.ThrowIfAny();
            document = JsonDocument.Parse(bytes, Strict);
        }
        catch (JsonException e)
        {
            throw new ProblemException(Problems.MalformedJson, Where(e), inner: e);
        }

        var shape = declaration.Choose?.Invoke(document.RootElement) ?? declaration.Shape;
        shape.Check(document.RootElement, "", errors);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            errors.ThrowIfAny();
        return new JsonBody(document, errors);
    }

    // By hand and not by the server's own limit, so that the answer is the same behind every server, and a chunked body is counted too.
    private static async Task<ArrayBufferWriter<byte>> ReadBytesAsync(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        var bytes = new ArrayBufferWriter<byte>((int)Math.Clamp(request.ContentLength ?? 1024, 256, limit + 1));
        while (true)
        {
            var read = await ReadAsync(request, bytes.GetMemory(1024), cancellationToken);
            if (read == 0)
                return bytes;
            bytes.Advance(read);
            if (bytes.WrittenCount > limit)
                throw TooLarge(limit);
        }
    }

    private static async ValueTask<int> ReadAsync(HttpRequest request, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await request.Body.ReadAsync(buffer, cancellationToken);
        }
        catch (OperationCanceledException e)
        {
            throw new ProblemException(Problems.BodyTooSlow, "The body did not arrive within the time of a request.", inner: e);
        }
    }

    private static ProblemException TooLarge(int limit) =>
        new(Problems.BodyTooLarge, $"A body may have at most {limit} bytes.");

    // The parser's own text may quote the body, and a body may hold a secret: only the place goes back.
    private static string Where(JsonException e) =>
        $"The JSON cannot be read at line {(e.LineNumber ?? 0) + 1}, byte {(e.BytePositionInLine ?? 0) + 1}: "
        + $"a syntax error, a member named twice in one object, or more than {JsonText.MaxDepth} levels.";
}
