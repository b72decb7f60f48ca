using System.Net;
using System.Text.Json;
using Data.Vector.Remote;

namespace Data.Vector.Pinecone;

/// <summary>Pinecone as a server that speaks JSON.</summary>
internal static class PineconeServer
{
    public const string System = "pinecone";

    /// <summary>The number that a write got, in its answer.</summary>
    public const string WrittenHeader = "x-pinecone-request-lsn";

    /// <summary>The number of the newest write that searches see, in the answer of a search.</summary>
    public const string IndexedHeader = "x-pinecone-max-indexed-lsn";

    private const string ApiVersion = "2025-10";

    public static JsonServer From(PineconeVectorStoreOptions options) => new()
    {
        Name = "Pinecone",
        System = System,
        Hint = "is the endpoint Pinecone's?",
        RequestTimeout = options.RequestTimeout,
        MaxRetryAttempts = options.MaxRetryAttempts,
        RetryDelay = options.RetryDelay,
        KeptHeaders = [WrittenHeader, IndexedHeader],
        ReadError = ReadError,
        Prepare = request =>
        {
            request.Headers.TryAddWithoutValidation("Api-Key", options.ApiKey);
            request.Headers.TryAddWithoutValidation("X-Pinecone-Api-Version", ApiVersion);
        },
    };

    private static DataVectorException ReadError(HttpStatusCode statusCode, string body)
    {
        var (error, message) = ErrorBody.Parse(body, Describe);
        var status = (int)statusCode;
        return statusCode switch
        {
            HttpStatusCode.NotFound => new VectorCollectionNotFoundException($"Pinecone: {message}"),
            HttpStatusCode.Conflict => new VectorCollectionExistsException($"Pinecone: {message}"),
            HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity or HttpStatusCode.RequestEntityTooLarge =>
                new VectorInputException($"Pinecone refused the request: {message}"),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
                new VectorStoreProtocolException(
                    $"Pinecone refused the request ({status} {error}); check ApiKey and the project's quota.",
                    status,
                    error),
            HttpStatusCode.TooManyRequests
                or HttpStatusCode.BadGateway
                or HttpStatusCode.ServiceUnavailable
                or HttpStatusCode.GatewayTimeout =>
                new VectorStoreUnavailableException($"Pinecone is not available now ({status}): {message}"),
            _ => new VectorStoreProtocolException($"Pinecone answered {status} {error}: {message}", status, error),
        };
    }

    /// <summary>
    /// Indexes are managed by one service and served by another: <c>{"error": {"code", "message"}}</c> and <c>{"code": 3, "message"}</c>.
    /// </summary>
    private static (string? Code, string? Message) Describe(JsonElement root) =>
        root.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object
            ? (ErrorBody.Text(error, "code"), ErrorBody.Text(error, "message"))
            : (root.TryGetProperty("code", out var code) ? code.ToString() : null, ErrorBody.Text(root, "message"));
}
