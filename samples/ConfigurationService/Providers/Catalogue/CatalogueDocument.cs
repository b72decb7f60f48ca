namespace ConfigurationService.Providers.Catalogue;

/// <summary>The whole catalogue, as the embedded file holds it and as it is answered.</summary>
internal sealed record CatalogueDocument(IReadOnlyList<CatalogueType> Types, IReadOnlyList<CatalogueProvider> Providers);
