namespace ConfigurationService.Providers.Catalogue;

/// <summary>A provider type and what it is for.</summary>
internal sealed record CatalogueType(string Type, string Description);
