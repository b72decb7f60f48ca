using System.Text.Json.Serialization.Metadata;

namespace ConfigurationService.Http;

/// <summary>A JSON answer under an entity tag: 304 when the reader knows it already.</summary>
internal sealed class TaggedJson<T>(T value, string tag, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.Headers.ETag = tag;
        // Private and to be asked about each time: the answer depends on the key, and a change must be seen at once.
        response.Headers.CacheControl = "private, no-cache";
        var method = httpContext.Request.Method;
        if ((HttpMethods.IsGet(method) || HttpMethods.IsHead(method)) && EntityTag.IsKnown(httpContext.Request, tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.StatusCode = status;
        return response.WriteAsJsonAsync(value, type, cancellationToken: httpContext.RequestAborted);
    }
}
