using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Data.Vector.Remote;

/// <summary>A body written directly to the request's stream, so that a batch of vectors is not held as text.</summary>
internal sealed class JsonBody : HttpContent
{
    private readonly Action<Utf8JsonWriter> _write;

    public JsonBody(Action<Utf8JsonWriter> write)
    {
        _write = write;
        Headers.ContentType = new MediaTypeHeaderValue("application/json");
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        var writer = new Utf8JsonWriter(stream);
        await using var _ = writer.ConfigureAwait(false);
        _write(writer);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
