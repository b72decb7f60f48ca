using System.Net;
using System.Text.Json;
using Data.Vector.Telemetry;
using Microsoft.Extensions.Logging;

namespace Data.Vector.Remote;

/// <summary>Requests to a server with a JSON API, with deadlines, retries where they are safe, and errors as typed exceptions.</summary>
internal sealed class JsonHttp(HttpClient http, JsonServer server, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    /// <summary>Sends a request and returns the response; the caller disposes it.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="address">The absolute address.</param>
    /// <param name="body">Writes the body; null for none. Called again for a retry.</param>
    /// <param name="repeatable">Whether the request can be sent twice safely.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public async Task<JsonAnswer> SendAsync(
        HttpMethod method,
        string address,
        Action<Utf8JsonWriter>? body,
        bool repeatable,
        CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await SendOnceAsync(method, address, body, cancellationToken).ConfigureAwait(false);
            }
            catch (VectorStoreUnavailableException exception) when (attempt < server.MaxRetryAttempts
                && (repeatable || NothingDone(exception)))
            {
                var delay = server.RetryDelay * Math.Pow(2, attempt) * (1 - (Random.Shared.NextDouble() / 2));
                delay = exception.RetryAfter is { } wished && wished > delay ? wished : delay;
                VectorTelemetry.Retried(server.System);
                VectorLog.RequestRepeated(logger, server.Name, attempt + 1, delay, exception);
                await Task.Delay(delay < LongestDelay ? delay : LongestDelay, time, cancellationToken).ConfigureAwait(false);
            }
            catch (DataVectorException exception)
            {
                VectorTelemetry.RequestFailed(server.System, exception);
                throw;
            }
        }
    }

    private static bool NothingDone(VectorStoreUnavailableException exception) =>
        exception.NothingDone
        || exception.InnerException is HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError,
        };

    private async Task<JsonAnswer> SendOnceAsync(
        HttpMethod method,
        string address,
        Action<Utf8JsonWriter>? body,
        CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(server.RequestTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var request = new HttpRequestMessage(method, address);
            server.Prepare(request);
            request.Content = body is null ? null : new JsonBody(body);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token)
                .ConfigureAwait(false);
            return response.IsSuccessStatusCode
                ? await ReadAsync(response, either.Token).ConfigureAwait(false)
                : throw await ErrorAsync(response, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new VectorStoreUnavailableException(
                $"{server.Name} did not respond within {server.RequestTimeout.TotalSeconds:0.###} s.",
                exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new VectorStoreUnavailableException($"{server.Name} could not be reached, or the connection broke.", exception);
        }
        catch (JsonException exception)
        {
            throw new VectorStoreProtocolException($"{server.Name}'s response is not JSON; {server.Hint}", exception);
        }
    }

    private async Task<JsonAnswer> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in server.KeptHeaders)
        {
            if (response.Headers.TryGetValues(name, out var values))
                headers[name] = string.Join(',', values);
        }

        if (response.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.NoContent || response.Content.Headers.ContentLength == 0)
            return new JsonAnswer(null, headers);

        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = stream.ConfigureAwait(false);
        return new JsonAnswer(await JsonDocument.ParseAsync(stream, default, cancellationToken).ConfigureAwait(false), headers);
    }

    private async Task<DataVectorException> ErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var error = server.ReadError(
            response.StatusCode,
            await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false));
        if (error is VectorStoreUnavailableException unavailable)
        {
            unavailable.NothingDone = response.StatusCode == HttpStatusCode.TooManyRequests;
            unavailable.RetryAfter = response.Headers.RetryAfter?.Delta;
        }

        return error;
    }
}
