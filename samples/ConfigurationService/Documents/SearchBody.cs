using System.ComponentModel;
using System.Text.Json;

namespace ConfigurationService.Documents;

/// <summary>The OpenAPI description of a search.</summary>
internal sealed record SearchBody(
    [property: Description("Text to look for; or give embedding.")] string? Query,
    IReadOnlyList<float>? Embedding,
    [property: Description("1 to 500; default 5.")] int? TopK,
    [property: Description("Least cosine similarity, -1 to 1; default 0.5.")] float? Threshold,
    [property: Description("Metadata that must be equal.")] IReadOnlyDictionary<string, JsonElement>? Where);
