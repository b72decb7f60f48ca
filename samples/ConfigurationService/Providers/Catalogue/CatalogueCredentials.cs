using System.ComponentModel;

namespace ConfigurationService.Providers.Catalogue;

/// <summary>Which secrets a provider asks for.</summary>
internal sealed record CatalogueCredentials(
    [property: Description("required, optional or none.")] string ApiKey,
    [property: Description("required, optional or none.")] string ApiSecret);
