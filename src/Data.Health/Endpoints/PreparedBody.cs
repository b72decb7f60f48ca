using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Primitives;

namespace Data.Health.Endpoints;

/// <summary>A body with its headers, made once and sent any number of times.</summary>
internal sealed class PreparedBody(byte[] body, HealthFormat format, bool summary)
{
    private static readonly StringValues NoStore = new("no-store");
    private static readonly PreparedBody[] Summaries =
        [.. Enum.GetValues<HealthFormat>().SelectMany(f => Enum.GetValues<HealthStatus>().Select(s => Of(HealthReport.Summary(s), f)))];

    private readonly StringValues _contentType = new(ContentTypeOf(format, summary));

    /// <summary>The status word alone.</summary>
    public static PreparedBody Summary(HealthStatus status, HealthFormat format) => Summaries[((int)format * 3) + (int)status];

    public static PreparedBody Of(HealthReport report, HealthFormat format) => new(
        format switch
        {
            HealthFormat.HealthJson => HealthJsonWriter.Write(report),
            HealthFormat.UiJson => UiJsonWriter.Write(report),
            _ => PlainTextWriter.Write(report),
        },
        format,
        summary: report.Visibility == Visibility.Word);

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

        // Written without a flush: the server sends it with the end of the response, and pipelined probes share one packet.
        response.BodyWriter.Write(body);
        return Task.CompletedTask;
    }

    private static string ContentTypeOf(HealthFormat format, bool summary) => format switch
    {
        HealthFormat.HealthJson => "application/health+json",
        HealthFormat.UiJson => "application/json",

        // Without parameters the text is ASCII in every client's reading, and the status word is.
        _ => summary ? "text/plain" : "text/plain; charset=utf-8",
    };
}
