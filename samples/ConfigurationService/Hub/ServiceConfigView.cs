using System.ComponentModel;
using System.Text.Json;

namespace ConfigurationService.Hub;

/// <summary>What the hub tells a service.</summary>
internal sealed record ServiceConfigView(
    string ServiceName,
    [property: Description("The service's settings, a JSON object.")] JsonElement Config,
    [property: Description("Counts the changes; the ETag.")] int Version,
    [property: Description("Milliseconds since 1970-01-01 UTC.")] long UpdatedAt,
    string? Description,
    IReadOnlyList<string> Tags);
