using System.Text.Json;

namespace ConfigurationService.Providers.Catalogue;

/// <summary>The providers this service knows, read once from the file in the assembly.</summary>
internal sealed class ProviderCatalogue
{
    private const string Resource = "ConfigurationService.Providers.Catalogue.catalogue.json";

    private readonly Dictionary<(string Type, string Name), CatalogueProvider> _byName;

    public ProviderCatalogue()
    {
        using var stream = typeof(ProviderCatalogue).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"{Resource} is not in the assembly.");
        Document = JsonSerializer.Deserialize(stream, CatalogueJson.Default.CatalogueDocument)
            ?? throw new InvalidOperationException($"{Resource} is empty.");
        _byName = Document.Providers.ToDictionary(static p => (p.Type, p.Name));
    }

    public CatalogueDocument Document { get; }

    public CatalogueProvider? Find(string type, string name) => _byName.GetValueOrDefault((type, name));

    public CatalogueDocument OfType(string type) => new(
        [.. Document.Types.Where(t => t.Type == type)], [.. Document.Providers.Where(p => p.Type == type)]);
}
