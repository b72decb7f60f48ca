using ConfigurationService.Errors;
using ConfigurationService.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ConfigurationService.Providers.Catalogue;

/// <summary>The catalogue of providers: <c>/providers</c>. The same for everyone, so any key may read it.</summary>
internal static class CatalogueEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var providers = app.MapGroup("/providers").WithTags("Catalogue");
        providers.MapGet("", (ProviderCatalogue catalogue) => Json(catalogue.Document))
            .Needs(ApiScopes.Read, KeyReach.Anyone).WithName("list_catalogue").WithSummary(
                "Every provider type and provider").Produces<CatalogueDocument>();
        providers.MapGet("/{type}", (string type, ProviderCatalogue catalogue) => Json(catalogue.OfType(Known(type))))
            .Needs(ApiScopes.Read, KeyReach.Anyone).WithName("list_catalogue_type").WithSummary(
                "The providers of one type").Produces<CatalogueDocument>();
        providers.MapGet("/{type}/{name}", (string type, string name, ProviderCatalogue catalogue) =>
                TypedResults.Json(
                    catalogue.Find(Known(type), name)
                        ?? throw new ProblemException(Problems.NotFound, $"The catalogue has no {type}/{name}."),
                    CatalogueJson.Default.CatalogueProvider))
            .Needs(ApiScopes.Read, KeyReach.Anyone).WithName("read_catalogue_provider").WithSummary(
                "One provider").Produces<CatalogueProvider>();
    }

    private static JsonHttpResult<CatalogueDocument> Json(CatalogueDocument document) =>
        TypedResults.Json(document, CatalogueJson.Default.CatalogueDocument);

    private static string Known(string type)
    {
        ProviderTypes.Demand(type);
        return type;
    }
}
