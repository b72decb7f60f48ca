using System.Net;
using System.Text.Json;

namespace Data.Health.Contributors.Network;

/// <summary>Requests of health checks: headers first, then at most a small body, so that a dependency that babbles costs little.</summary>
internal static class BoundedHttp
{
    private const int MaxBodyBytes = 64 * 1024;

    /// <summary>
    /// A client for addresses of the application's own choice: keeps its connections, resolves names anew every two minutes, follows no
    /// redirect (health must be where it was asked for) and holds no cookies.
    /// </summary>
    public static HttpClient NewClient() => new(
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        },
        disposeHandler: true)
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>The address with a slash at its end, so that a relative one is appended to its path and does not replace it.</summary>
    public static Uri Folder(Uri address) =>
        address.AbsolutePath.EndsWith('/') ? address : new UriBuilder(address) { Path = address.AbsolutePath + "/" }.Uri;

    public static async Task<(HttpStatusCode Status, JsonDocument? Json)> GetJsonAsync(
        HttpClient client, Uri address, Action<HttpRequestMessage>? prepare, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        prepare?.Invoke(request);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
            return (response.StatusCode, null);
        return (response.StatusCode, await ReadAsync(response, cancellation).ConfigureAwait(false));
    }

    private static async Task<JsonDocument?> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var body = new byte[MaxBodyBytes];
            var length = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
            try
            {
                return JsonDocument.Parse(body.AsMemory(0, length));
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }
}
