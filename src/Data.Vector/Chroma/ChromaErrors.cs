using System.Net;
using System.Text.Json;
using Data.Vector.Remote;

namespace Data.Vector.Chroma;

/// <summary>Chroma's errors, <c>{"error", "message"}</c> with a status code, as the interface's exceptions.</summary>
internal static class ChromaErrors
{
    public static DataVectorException From(HttpStatusCode statusCode, string body)
    {
        var (error, message) = ErrorBody.Parse(body, static root => (ErrorBody.Text(root, "error"), ErrorBody.Text(root, "message")));
        var status = (int)statusCode;
        return statusCode switch
        {
            HttpStatusCode.NotFound when error == "NotFoundError" => new VectorCollectionNotFoundException($"Chroma: {message}"),
            HttpStatusCode.Conflict => new VectorCollectionExistsException($"Chroma: {message}"),
            HttpStatusCode.BadRequest when error == "InvalidArgumentError" => new VectorInputException(
                $"Chroma refused the request: {message}"),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
                new VectorStoreProtocolException(
                    $"Chroma refused the credentials ({status}); check Token, TokenHeader, Tenant and Database.",
                    status,
                    error),
            HttpStatusCode.Gone => new VectorStoreProtocolException(
                "The server answers 410: this API version is gone; Chroma 1.0 or later is needed.",
                status,
                error),
            HttpStatusCode.TooManyRequests
                or HttpStatusCode.BadGateway
                or HttpStatusCode.ServiceUnavailable
                or HttpStatusCode.GatewayTimeout =>
                new VectorStoreUnavailableException($"Chroma is not available now ({status}): {message}"),
            _ => new VectorStoreProtocolException($"Chroma answered {status} {error}: {message}", status, error),
        };
    }
}
