using System.ComponentModel;
using System.Text.Json;

namespace ConfigurationService.Documents;

/// <summary>A document that was found.</summary>
internal sealed record DocumentMatch(
    string Id, string? Text, [property: Description(
        "Cosine similarity, higher is nearer; at most 1.")] float Similarity, IReadOnlyDictionary<string, JsonElement> Metadata);
