using System.Diagnostics;
using System.Text.Json;

namespace ConfigurationService.Errors;

/// <summary>Writes a problem as the whole response.</summary>
internal static class ProblemResponse
{
    public static Task WriteAsync(HttpContext context, ProblemKind kind, string detail, IReadOnlyList<ProblemError>? errors = null)
    {
        var document = new ProblemDocument(
            $"urn:problem:configuration-service:{kind.Code}", kind.Title, kind.Status, detail, context.Request.Path,
            kind.Code, Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier)
        {
            Errors = errors,
        };
        context.Response.StatusCode = kind.Status;
        context.Response.ContentType = ProblemDocument.ContentType;
        context.Response.Headers.CacheControl = "no-store";
        if (HttpMethods.IsHead(context.Request.Method))
            return Task.CompletedTask;
        return JsonSerializer.SerializeAsync(
            context.Response.Body, document, ErrorJson.Readable.ProblemDocument, context.RequestAborted);
    }
}
