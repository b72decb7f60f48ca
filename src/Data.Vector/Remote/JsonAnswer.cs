using System.Text.Json;

namespace Data.Vector.Remote;

/// <summary>What a server answered.</summary>
internal sealed class JsonAnswer(JsonDocument? document, IReadOnlyDictionary<string, string> headers) : IDisposable
{
    /// <summary>The body; undefined when there was none.</summary>
    public JsonElement RootElement => document?.RootElement ?? default;

    /// <summary>A header that the request asked to keep; null when it was not there.</summary>
    public string? Header(string name) => headers.GetValueOrDefault(name);

    public void Dispose() => document?.Dispose();
}
