using System.ComponentModel;
using System.Text.Json;

namespace ConfigurationService.Hub;

/// <summary>The OpenAPI description of a publication. Bodies are read by <see cref="ServiceConfigDraft"/>.</summary>
internal sealed record PublishBody(
    [property: Description("Optional; must equal the service of the path.")] string? ServiceName,
    [property: Description("The service's settings; replaces what was there.")] JsonElement Config,
    [property: Description("Absent keeps the stored one, null removes it.")] string? Description,
    [property: Description("Absent keeps the stored ones.")] IReadOnlyList<string>? Tags);
