using System.ComponentModel;
using System.Text.Json;

namespace ConfigurationService.Providers.Catalogue;

/// <summary>What is known of a provider: what it can do, where, what it costs, how much it allows and how it is set up.</summary>
internal sealed record CatalogueProvider(
    string Type,
    string Name,
    string Title,
    [property: Description("Where the provider documents its interface.")] string Documentation,
    IReadOnlyList<string> Capabilities,
    [property: Description("Regions it serves; worldwide for all.")] IReadOnlyList<string> Regions,
    CatalogueCredentials Credentials,
    CatalogueCost Cost,
    CatalogueLimits Limits,
    [property: Description("JSON Schema of config.")] JsonElement Settings);
