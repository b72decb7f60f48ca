using System.ComponentModel;
using System.Text.Json;

namespace ConfigurationService.Documents;

/// <summary>The OpenAPI description of documents to store.</summary>
internal sealed record DocumentsBody(IReadOnlyList<DocumentsBody.Document> Documents)
{
    /// <summary>One document.</summary>
    internal sealed record Document(
        [property: Description("Absent: one is made. A document of the same id is replaced.")] string? Id,
        string Text,
        [property: Description(
            "Texts, numbers, true and false, by which a search can be narrowed.")] IReadOnlyDictionary<string, JsonElement>? Metadata);
}
