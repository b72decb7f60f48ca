using System.Net;
using ConfigurationService.Tests.Service;

namespace ConfigurationService.Tests.Encryption;

/// <summary>What is sent as a secret never comes out again: not in answers, history, logs, metrics, nor in any table.</summary>
public sealed class SecretsStayInsideTests(ServiceFixture service)
{
    private readonly string _key = $"key-{Guid.NewGuid():n}";
    private readonly string _secret = $"secret-{Guid.NewGuid():n}";

    [Fact]
    public async Task Secret_Written_IsNowhereToBeRead()
    {
        var tenant = Tenants.New();
        var body = new
        {
            payment_providers = new[] {
            new { provider_name = "stripe", api_key = _key, api_secret = _secret, config = new { currency = "USD" } } }
        };
        var answers = new List<Answer>
        {
            (await service.Admin.PostAsync($"/config/{tenant}", body)).Expect(HttpStatusCode.Created),
            await service.Admin.GetAsync($"/config/{tenant}"),
            await service.Admin.GetAsync($"/config/{tenant}/payment/stripe"),
            await service.Admin.PostAsync($"/config/{tenant}/payment/stripe/disable"),
            await service.Admin.GetAsync($"/config/{tenant}/history"),
            await service.Admin.GetAsync("/metrics"),
            await service.Admin.GetAsync("/health"),
            // Refused with the secret in it: at a wrong place, with a wrong sibling, and cut short.
            await service.Admin.PostAsync(
                $"/config/{tenant}",
                new
                {
                    payment_providers = new[] { new { provider_name = "stripe", config = new { api_key = _key, password = _secret } } },
                }),
            await service.Admin.PostAsync(
                $"/config/{tenant}",
                new { payment_providers = new[] { new { provider_name = "stripe", api_key = _key, wrong = _secret } } }),
            await service.Admin.PostAsync(
                $"/config/{tenant}",
                $$"""{"payment_providers":[{"provider_name":"stripe","api_key":"{{_key}}","api_secret":"{{_secret}}"""),
        };
        answers[1].Json.GetProperty("payment_providers")[0].GetProperty("has_api_secret").GetBoolean().ShouldBeTrue();
        answers[4].Json.GetProperty("history")[0].TryGetProperty("api_key", out _).ShouldBeFalse();
        foreach (var answer in answers)
            ShouldBeClean(answer.Text, "an answer");
        foreach (var line in service.Logs.Lines)
            ShouldBeClean(line, "the log");
        foreach (var table in (string[])["provider_configs", "config_versions", "tenant_data_keys", "audit_chains"])
            ShouldBeClean((string)(await service.SqlAsync($"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t"))!, table);
        ((string)(await service.SqlAsync($"SELECT api_key FROM config_versions WHERE tenant_id = '{tenant}' LIMIT 1"))!).ShouldStartWith(
            "v1.1.");
    }

    [Fact]
    public async Task Secret_RemovedByNull_IsGoneFromTheConfigurationAndStaysInHistory()
    {
        var path = $"/config/{Tenants.New()}/sms/twilio";
        await service.Admin.PutAsync(path, new { api_key = _key, api_secret = _secret });
        var after = (await service.Admin.PatchAsync(path, """{"api_secret":null}""")).Json;
        after.GetProperty("has_api_key").GetBoolean().ShouldBeTrue();
        after.GetProperty("has_api_secret").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task Secret_SentAgain_IsNoChange()
    {
        var path = $"/config/{Tenants.New()}/sms/twilio";
        await service.Admin.PutAsync(path, new { api_key = _key });
        (await service.Admin.PutAsync(path, new { api_key = _key })).Json.GetProperty("version").GetInt32().ShouldBe(1);
        (await service.Admin.PutAsync(path, new { api_key = _key + "2" })).Json.GetProperty("version").GetInt32().ShouldBe(2);
    }

    private void ShouldBeClean(string text, string where)
    {
        text.Contains(_key, StringComparison.Ordinal).ShouldBeFalse(where);
        text.Contains(_secret, StringComparison.Ordinal).ShouldBeFalse(where);
    }
}
