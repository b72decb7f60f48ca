using System.Net;
using ConfigurationService.Tests.Service;

namespace ConfigurationService.Tests.Documents;

public sealed class DocumentEndpointsTests(ServiceFixture service)
{
    private static readonly object Documents = new
    {
        documents = new object[]
        {
            new
            {
                id = "returns",
                text = "Goods can be returned within thirty days.",
                metadata = new { language = "en", year = 2026, draft = false, weight = 0.5 },
            },
            new { id = "shipping", text = "Shipping takes three working days.", metadata = new { language = "en", year = 2025 } },
            new { id = "versand", text = "Der Versand dauert drei Werktage.", metadata = new { language = "de", year = 2026 } },
        },
    };

    [Fact]
    public async Task Search_ByText_FindsTheMostAlikeFirst()
    {
        var client = await service.TenantAsync(Tenants.New());
        (await client.PostAsync("/documents", Documents)).Expect(HttpStatusCode.OK).Json.GetProperty("ids").GetArrayLength().ShouldBe(3);
        var first = (await client.PostAsync("/documents/search", new { query = "returning goods", threshold = 0.1 })).Expect(
            HttpStatusCode.OK).Json.GetProperty("matches")[0];
        first.GetProperty("id").GetString().ShouldBe("returns");
        first.GetProperty("text").GetString().ShouldStartWith("Goods");
        first.GetProperty("similarity").GetDouble().ShouldBeInRange(0.1, 1);
        first.GetProperty("metadata").GetRawText().ShouldBe("""{"language":"en","year":2026,"draft":false,"weight":0.5}""");
    }

    [Fact]
    public async Task Search_Narrowed_LimitedOrByEmbedding_AnswersThat()
    {
        var client = await service.TenantAsync(Tenants.New());
        await client.PostAsync("/documents", Documents);
        (await IdsAsync(client, new { query = "days", threshold = -1, where = new { language = "de" } })).ShouldBe(["versand"]);
        (await IdsAsync(client, new { query = "days", threshold = -1, top_k = 2 })).Count.ShouldBe(2);
        (await IdsAsync(client, new { query = "nothing alike whatsoever", threshold = 0.99 })).ShouldBeEmpty();
        var embedding = ConfigurationService.Documents.HashedNgramGenerator.Embed("Shipping takes three working days.");
        (await IdsAsync(client, new { embedding, threshold = 0.99 })).ShouldBe(["shipping"]);
    }

    [Fact]
    public async Task Documents_OfOneTenant_AreNotAnothersToFindOrDelete()
    {
        var (one, other) = (await service.TenantAsync(Tenants.New()), await service.TenantAsync(Tenants.New()));
        await one.PostAsync("/documents", Documents);
        (await IdsAsync(other, new { query = "days", threshold = -1 })).ShouldBeEmpty();
        (await other.DeleteAsync("/documents/returns")).Expect(HttpStatusCode.NotFound).Code.ShouldBe("not_found");
        (await IdsAsync(service.Admin, new { query = "Versand Werktage", threshold = 0.5 })).ShouldBeEmpty();
        (await IdsAsync(one, new { query = "days", threshold = -1 })).Count.ShouldBe(3);
    }

    [Fact]
    public async Task Delete_ThenSearch_NoLongerFindsIt()
    {
        var client = await service.TenantAsync(Tenants.New());
        await client.PostAsync("/documents", Documents);
        (await client.DeleteAsync("/documents/returns")).Expect(HttpStatusCode.NoContent);
        (await client.DeleteAsync("/documents/returns")).Expect(HttpStatusCode.NotFound);
        (await IdsAsync(client, new { query = "days", threshold = -1 })).ShouldNotContain("returns");
    }

    [Theory]
    [InlineData("/documents", """{"documents":[]}""", "/documents")]
    [InlineData("/documents", """{"documents":[{"id":"a"}]}""", "/documents/0/text")]
    [InlineData("/documents", """{"documents":[{"id":"a","text":"x"},{"id":"a","text":"y"}]}""", "/documents/1/id")]
    [InlineData("/documents", """{"documents":[{"text":"x","metadata":{"m":[1]}}]}""", "/documents/0/metadata/m")]
    [InlineData("/documents/search", """{}""", "/query")]
    [InlineData("/documents/search", """{"query":"x","top_k":0}""", "/top_k")]
    [InlineData("/documents/search", """{"query":"x","threshold":2}""", "/threshold")]
    [InlineData("/documents/search", """{"query":"x","wher":{}}""", "/wher")]
    public async Task Post_WrongBody_IsAProblemWithItsPointer(string path, string body, string place) =>
        (await service.Admin.PostAsync(path, body)).Expect(HttpStatusCode.BadRequest).Errors.ShouldHaveSingleItem().Pointer.ShouldBe(place);

    [Fact]
    public async Task Search_EmbeddingOfTheWrongSize_IsAProblem() =>
        (await service.Admin.PostAsync("/documents/search", new { embedding = new[] { 1, 2, 3 } })).Expect(HttpStatusCode.BadRequest).Text
            .ShouldContain("an array of 256 items");

    private static async Task<IReadOnlyList<string?>> IdsAsync(ServiceClient client, object search) =>
        [.. (await client.PostAsync("/documents/search", search)).Expect(HttpStatusCode.OK).Json.GetProperty("matches").EnumerateArray()
            .Select(static m => m.GetProperty("id").GetString())];
}
