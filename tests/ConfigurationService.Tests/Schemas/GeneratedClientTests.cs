using System.Net;
using ConfigurationService.Tests.Service;

namespace ConfigurationService.Tests.Schemas;

/// <summary>A generated client that writes what it has read changes nothing and removes no secret.</summary>
public sealed class GeneratedClientTests(ServiceFixture service) : IAsyncLifetime
{
    private readonly string _tenant = Tenants.New();
    private HttpClient _http = null!;
    private GeneratedClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _http = service.CreateClient();
        _http.DefaultRequestHeaders.Add("X-API-Key", service.AdminKey);
        _client = await GeneratedClient.CreateAsync((await service.With(null).GetAsync("/openapi/v1.json")).Text, _http);
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Provider_ReadAndWritten_IsTheSameVersionWithItsSecrets()
    {
        var before = (await service.Admin.PutAsync($"/config/{_tenant}/sms/x", new
        {
            api_key = "k",
            api_secret = "s",
            priority = "tertiary",
            enabled = false,
            config = new { a = 1, b = new[] { 1.5 } },
        })).Expect(HttpStatusCode.Created).Text;
        var path = ((string, object)[])[("tenant", _tenant), ("type", "sms"), ("name", "x")];
        var read = await _client.CallAsync("read_provider", path);
        foreach (var operation in (string[])["put_provider", "patch_provider"])
            await _client.CallAsync(operation, [.. path, ("body", _client.BodyOf(operation, read!))]);
        (await service.Admin.GetAsync($"/config/{_tenant}/sms/x")).Text.ShouldBe(before);

        await _client.CallAsync("patch_provider", [.. path, ("body", _client.BodyWith("patch_provider", "Enabled", true))]);
        var after = (await service.Admin.GetAsync($"/config/{_tenant}/sms/x")).Json;
        (after.GetProperty("version").GetInt32(), after.GetProperty("enabled").GetBoolean(), after.GetProperty("has_api_key").GetBoolean(),
            after.GetProperty("priority").GetString()).ShouldBe((2, true, true, "tertiary"));
    }

    [Fact]
    public async Task Tenant_ReadAndWritten_IsTheSame()
    {
        await service.Admin.PutAsync($"/config/{_tenant}/sms/x", new { api_key = "k", enabled = false });
        await service.Admin.PutAsync($"/config/{_tenant}/map/y", new { config = new { a = "b" } });
        var before = (await service.Admin.GetAsync($"/config/{_tenant}")).Text;
        var read = await _client.CallAsync("read_tenant", ("tenant", _tenant));
        foreach (var operation in (string[])["upsert_providers", "replace_providers"])
            await _client.CallAsync(operation, ("tenant", _tenant), ("body", _client.BodyOf(operation, read!)));
        (await service.Admin.GetAsync($"/config/{_tenant}")).Text.ShouldBe(before);
    }

    [Fact]
    public async Task Service_ReadAndWritten_IsTheSame()
    {
        var path = $"/api/v1/config/{_tenant}";
        await service.Admin.PostAsync(path, new { config = new { a = new { b = 1 } }, description = "d", tags = new[] { "t" } });
        var before = (await service.Admin.GetAsync(path)).Text;
        var read = await _client.CallAsync("read_service", ("service", _tenant));
        await _client.CallAsync("publish_service", ("service", _tenant), ("body", _client.BodyOf("publish_service", read!)));
        (await service.Admin.GetAsync(path)).Text.ShouldBe(before);
    }
}
