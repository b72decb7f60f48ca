using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Data.Vector.Chroma;

/// <summary>Requests to Chroma: headers, deadlines, retries of what is safe, and errors as the interface's exceptions.</summary>
internal sealed class ChromaHttp(HttpClient http, ChromaVectorStoreOptions options, TimeProvider time)
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly string _root = options.Endpoint.AbsoluteUri.TrimEnd('/') + "/api/v2";
    private readonly string _database =
        $"/tenants/{Uri.EscapeDataString(options.Tenant)}/databases/{Uri.EscapeDataString(options.Database)}";

    /// <summary>The path of something in the configured database.</summary>
    public string InDatabase(string path) => _database + path;

    /// <summary>Sends a request and returns the answer's JSON; the caller disposes it.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The path below <c>/api/v2</c>.</param>
    /// <param name="body">Writes the body; null for none. Called again for a retry.</param>
    /// <param name="repeatable">Whether sending it twice does no harm.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public async Task<JsonDocument> SendAsync(
        HttpMethod method, string path, Action<Utf8JsonWriter>? body, bool repeatable, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await SendOnceAsync(method, path, body, cancellationToken).ConfigureAwait(false);
            }
            catch (VectorStoreUnavailableException exception) when (attempt < options.MaxRetryAttempts && (repeatable || NeverSent(exception)))
            {
                var delay = options.RetryDelay * Math.Pow(2, attempt) * (1 - (Random.Shared.NextDouble() / 2));
                await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static bool NeverSent(VectorStoreUnavailableException exception) =>
        exception.InnerException is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError };

    private async Task<JsonDocument> SendOnceAsync(HttpMethod method, string path, Action<Utf8JsonWriter>? body, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.RequestTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var request = new HttpRequestMessage(method, _root + path);
            Authorize(request);
            if (body is not null)
            {
                request.Content = new JsonBody(body) { Headers = { ContentType = Json } };
            }

            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                throw await ChromaErrors.FromAsync(response, either.Token).ConfigureAwait(false);
            }

            var stream = await response.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            await using var _ = stream.ConfigureAwait(false);
            return await JsonDocument.ParseAsync(stream, default, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new VectorStoreUnavailableException($"Chroma did not answer within {options.RequestTimeout.TotalSeconds:0.###} s.", exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new VectorStoreUnavailableException("Chroma could not be reached, or the connection broke.", exception);
        }
        catch (JsonException exception)
        {
            throw new VectorStoreProtocolException("Chroma's answer is no JSON; is the endpoint a Chroma server, version 1.0 or later?", exception);
        }
    }

    private void Authorize(HttpRequestMessage request)
    {
        if (options.Token is not { } token)
        {
            return;
        }

        if (options.TokenHeader == ChromaTokenHeader.Authorization)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
        else
        {
            request.Headers.TryAddWithoutValidation("X-Chroma-Token", token);
        }
    }

    /// <summary>A body written straight into the request's stream, so that a batch of vectors is not held as text.</summary>
    private sealed class JsonBody(Action<Utf8JsonWriter> write) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var writer = new Utf8JsonWriter(stream);
            await using var _ = writer.ConfigureAwait(false);
            write(writer);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
