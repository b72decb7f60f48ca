using System.Text.Json;
using Data.Vector.Remote;

namespace Data.Vector.Pinecone;

/// <summary>Reads records, as <c>query</c> and <c>fetch</c> both have them.</summary>
internal static class PineconeMatches
{
    public static VectorRecord Record(string id, JsonElement json, bool includeVector, bool includeDocument) => PineconeMetadata.Decode(
        id,
        json.TryGetProperty("metadata", out var metadata) ? metadata : default,
        includeVector && json.TryGetProperty("values", out var values) ? JsonVectors.Read(values) : null,
        includeDocument);
}
