using System.Text.Json;

namespace ConfigurationService.Schemas;

/// <summary>The body that an endpoint reads, as endpoint metadata: reading and OpenAPI both start here.</summary>
/// <param name="Shape">What the body may be.</param>
/// <param name="MediaTypes">The media types that say so.</param>
internal sealed record BodyDeclaration(ObjectShape Shape, IReadOnlyList<string> MediaTypes)
{
    /// <summary>Another shape for bodies of older clients, chosen by the body; OpenAPI describes it in words.</summary>
    public Func<JsonElement, JsonShape?>? Choose { get; init; }
}
