using System.Net.Http.Headers;
using Data.Vector.Remote;

namespace Data.Vector.Chroma;

/// <summary>Chroma as a server that speaks JSON.</summary>
internal static class ChromaServer
{
    public const string System = "chroma";

    public static JsonServer From(ChromaVectorStoreOptions options) => new()
    {
        Name = "Chroma",
        System = System,
        Hint = "is the endpoint a Chroma server, version 1.0 or later?",
        RequestTimeout = options.RequestTimeout,
        MaxRetryAttempts = options.MaxRetryAttempts,
        RetryDelay = options.RetryDelay,
        Prepare = request => Authorize(request, options.Token, options.TokenHeader),
        ReadError = ChromaErrors.From,
    };

    private static void Authorize(HttpRequestMessage request, string? token, ChromaTokenHeader header)
    {
        if (token is null)
            return;

        if (header == ChromaTokenHeader.Authorization)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        else
            request.Headers.TryAddWithoutValidation("X-Chroma-Token", token);
    }
}
