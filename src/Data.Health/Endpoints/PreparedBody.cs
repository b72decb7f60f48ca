using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Primitives;

namespace Data.Health.Endpoints;

/// <summary>A body with its headers, made once and sent any number of times.</summary>
internal sealed class PreparedBody(byte[] body, HealthFormat format)
{
    private static readonly StringValues NoStore = new("no-store, no-cache");
    private static readonly PreparedBody[] Summaries =
        [.. Enum.GetValues<HealthFormat>().SelectMany(f => Enum.GetValues<HealthStatus>().Select(s => Of(HealthReport.Summary(s), f)))];

    private readonly StringValues _contentType = new(ContentTypeOf(format));

    /// <summary>The status word alone.</summary>
    public static PreparedBody Summary(HealthStatus status, HealthFormat format) => Summaries[((int)format * 3) + (int)status];

    public static PreparedBody Of(HealthReport report, HealthFormat format) => new(
        format switch
        {
            HealthFormat.HealthJson => HealthJsonWriter.Write(report),
            HealthFormat.UiJson => UiJsonWriter.Write(report),
            _ => PlainTextWriter.Write(report),
        },
        format);

    /// <summary>Answers the request; a HEAD gets the headers alone.</summary>
    public Task SendAsync(HttpContext context, int statusCode)
    {
        var response = context.Response;
        response.StatusCode = statusCode;
        var headers = response.Headers;
        headers.CacheControl = NoStore;
        headers.ContentType = _contentType;
        headers.ContentLength = body.Length;
        if (HttpMethods.IsHead(context.Request.Method))
            return Task.CompletedTask;
        var write = response.BodyWriter.WriteAsync(body, CancellationToken.None);
        return write.IsCompletedSuccessfully ? Task.CompletedTask : write.AsTask();
    }

    private static string ContentTypeOf(HealthFormat format) => format switch
    {
        HealthFormat.HealthJson => "application/health+json",
        HealthFormat.UiJson => "application/json",
        _ => "text/plain; charset=utf-8",
    };
}
