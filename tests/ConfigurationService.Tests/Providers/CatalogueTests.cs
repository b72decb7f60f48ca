using System.Net;
using System.Text.Json;
using ConfigurationService.Providers;
using ConfigurationService.Providers.Catalogue;
using ConfigurationService.Tests.Service;

namespace ConfigurationService.Tests.Providers;

public sealed class CatalogueTests(ServiceFixture service)
{
    private static readonly ProviderCatalogue Catalogue = new();

    [Fact]
    public void Catalogue_HasThreeProvidersOrMoreOfEveryType()
    {
        Catalogue.Document.Types.Select(static t => t.Type).ShouldBe(ProviderTypes.All);
        foreach (var type in ProviderTypes.All)
            Catalogue.OfType(type).Providers.Count.ShouldBeGreaterThanOrEqualTo(3, type);
    }

    [Fact]
    public void Catalogue_EveryProvider_IsNamedAndDescribedSoThatTheServiceAcceptsIt()
    {
        foreach (var provider in Catalogue.Document.Providers)
        {
            ProviderName.Shape.Allows(provider.Name).ShouldBeTrue(provider.Name);
            ProviderTypes.IsKnown(provider.Type).ShouldBeTrue(provider.Name);
            provider.Credentials.ApiKey.ShouldBeOneOf("required", "optional", "none");
            provider.Credentials.ApiSecret.ShouldBeOneOf("required", "optional", "none");
            provider.Cost.Model.ShouldBeOneOf("free", "per_call", "per_transaction", "subscription", "contract");
            Uri.TryCreate(provider.Documentation, UriKind.Absolute, out _).ShouldBeTrue(provider.Name);
            provider.Settings.GetProperty("type").GetString().ShouldBe("object");
            foreach (var setting in provider.Settings.GetProperty("properties").EnumerateObject())
                setting.Value.TryGetProperty("description", out _).ShouldBeTrue($"{provider.Name}.{setting.Name}");
        }
    }

    [Fact]
    public void Catalogue_DefaultsAndRequiredSettings_AreThoseOfTheSchema()
    {
        foreach (var provider in Catalogue.Document.Providers)
        {
            var properties = provider.Settings.GetProperty("properties");
            if (provider.Settings.TryGetProperty("required", out var required))
                required.EnumerateArray().ShouldAllBe(name => properties.GetProperty(name.GetString()!).ValueKind == JsonValueKind.Object);
            foreach (var setting in properties.EnumerateObject()
                .Where(static s => s.Value.TryGetProperty("enum", out _) && s.Value.TryGetProperty("default", out _)))
            {
                setting.Value.GetProperty("enum").EnumerateArray().Select(static e => e.GetString())
                    .ShouldContain(setting.Value.GetProperty("default").GetString());
            }
        }
    }

    [Fact]
    public async Task Endpoints_AnswerAllOneTypeAndOne()
    {
        (await service.Admin.GetAsync("/providers")).Expect(HttpStatusCode.OK).Json.GetProperty("providers").GetArrayLength()
            .ShouldBe(Catalogue.Document.Providers.Count);
        (await service.Admin.GetAsync("/providers/payment")).Expect(HttpStatusCode.OK).Json.GetProperty("providers").EnumerateArray()
            .ShouldAllBe(static p => p.GetProperty("type").GetString() == "payment");
        (await service.Admin.GetAsync("/providers/map/openstreetmap")).Expect(HttpStatusCode.OK).Json.GetProperty("cost")
            .GetProperty("model")
            .GetString()
            .ShouldBe("free");
        (await service.Admin.GetAsync("/providers/map/nothing")).Expect(HttpStatusCode.NotFound).Code.ShouldBe("not_found");
        (await service.Admin.GetAsync("/providers/banana")).Expect(HttpStatusCode.BadRequest).Code.ShouldBe("unknown_provider_type");
    }
}
