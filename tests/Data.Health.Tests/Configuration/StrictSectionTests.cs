using Data.Health.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Data.Health.Tests.Configuration;

public sealed class StrictSectionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Health:Contributors:db:Peroid", "1", "Health:Contributors:db:Peroid is not a setting; did you mean Period?")]
    [InlineData("Health:Endpoint:Details", "Never", "Health:Endpoint is not a setting; did you mean Endpoints?")]
    [InlineData("Health:Endpoints:Detail", "Never", "Health:Endpoints:Detail is not a setting; did you mean Details?")]
    [InlineData("Health:Defaults:Timout", "1", "Health:Defaults:Timout")]
    [InlineData("Health:Groups:mine:IncludeTag:0", "x", "Health:Groups:mine:IncludeTag")]
    [InlineData("Health:Webhooks:0:Adress", "x", "Health:Webhooks:0:Adress is not a setting; there are Url")]
    [InlineData("Health:Contributors:db", "x", "Health:Contributors:db is a value")]
    [InlineData("Health:Contributors:db:Period", "soon", "Health:Contributors:db:Period")]
    [InlineData("Health:Endpoints:BasePath", "/h{x}", "BasePath is '/h{x}'")]
    [InlineData("Health:Endpoints:LiveAliasPath", "/a//b", "LiveAliasPath is '/a//b'")]
    [InlineData("Health:Endpoints:ReadyAliasPath", "/livez", "the path '/livez' is given twice")]
    [InlineData("Health:Redis:Hots", "x", "contributor 'redis': Health:Redis:Hots is not a setting; did you mean Host?")]
    [InlineData("Health:Rediss:Host", "x", "Health:Rediss is not a setting")]
    public async Task Start_WrongKeyOrValue_StopsWithItsPath(string key, string value, string expected)
    {
        await using var app = Build((key, value));
        var error = await Should.ThrowAsync<Exception>(() => app.StartAsync(Cancellation));
        error.ShouldBeOneOf(error as OptionsValidationException, error as InvalidOperationException);
        error.Message.ShouldContain(expected);
    }

    [Fact]
    public async Task Start_SectionOfAContributorInside_IsNoUnknownKey()
    {
        await using var app = Build(
            ("Health:Redis:Host", "127.0.0.1"), ("health:contributors:DB:period", "00:00:42"), ("Health:Groups:mine:IncludeNames:0", "db"));
        await app.StartAsync(Cancellation);
        app.Services.GetRequiredService<IOptionsMonitor<Data.Health.Contributors.Stores.RedisHealthOptions>>().Get("redis").Host
            .ShouldBe("127.0.0.1");
        await app.StopAsync(Cancellation);
    }

    private static Microsoft.AspNetCore.Builder.WebApplication Build(params (string Key, string Value)[] settings) => HealthApp.Build(
        builder => builder.AddContributor("db", _ => new SwitchCheck()),
        host: host =>
        {
            host.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)));
            var health = host.Configuration.GetSection("Health");
            host.Services.AddDataHealth(health).AddRedis("redis", health.GetSection("Redis"));
        });
}
