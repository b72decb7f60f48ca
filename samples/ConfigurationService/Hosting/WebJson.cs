using System.Text.Json;
using System.Text.Json.Serialization;
using ConfigurationService.Documents;
using ConfigurationService.Errors;
using ConfigurationService.Hub;
using ConfigurationService.Keys;
using ConfigurationService.Persistence;
using ConfigurationService.Providers;
using ConfigurationService.Providers.Catalogue;

namespace ConfigurationService.Hosting;

/// <summary>How JSON is written, and described in OpenAPI: snake_case, from the contracts each concept generates.</summary>
internal static class WebJson
{
    public static void Configure(JsonSerializerOptions options)
    {
        // Bodies are read by their shapes, where a number is a number; OpenAPI must not offer texts instead.
        options.NumberHandling = JsonNumberHandling.Strict;
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.TypeInfoResolverChain.Insert(0, ProviderJson.Default);
        options.TypeInfoResolverChain.Insert(1, HubJson.Default);
        options.TypeInfoResolverChain.Insert(2, KeyJson.Default);
        options.TypeInfoResolverChain.Insert(3, CatalogueJson.Default);
        options.TypeInfoResolverChain.Insert(4, ChainJson.Default);
        options.TypeInfoResolverChain.Insert(5, ErrorJson.Default);
        options.TypeInfoResolverChain.Insert(6, DocumentJson.Default);
    }
}
