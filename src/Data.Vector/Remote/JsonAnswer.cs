using System.Text.Json;

namespace Data.Vector.Remote;

/// <summary>The response of a server.</summary>
internal sealed class JsonAnswer(JsonDocument? document, IReadOnlyDictionary<string, string> headers) : IDisposable
{
    /// <summary>The body; undefined when it was empty.</summary>
    public JsonElement RootElement => document?.RootElement ?? default;

    /// <summary>A header that the request asked to keep; null when it was absent.</summary>
    public string? Header(string name) => headers.GetValueOrDefault(name);

    public void Dispose() => document?.Dispose();
}
