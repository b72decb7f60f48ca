using Data.Health.Evaluation;
using Data.Health.Notifications;
using Data.Health.Tests.Support;
using Data.TestServers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Data.Health.Tests;

public sealed class DataHealthOptionsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_WrongSettings_NamesEveryOneOfThem()
    {
        await using var app = HealthApp.Build(
            b => b.AddContributor("db", _ => new SwitchCheck(), c => c.Period = TimeSpan.Zero).Configure("typo", c => c.Critical = false),
            o =>
            {
                o.HistoryCount = 0;
                o.LivenessMaxSilence = TimeSpan.Zero;
                o.Endpoints.BasePath = "health/";
                o.Defaults.FailureThreshold = 0;
                o.Contributors["nobody"] = new ContributorOptions();
                o.Webhooks.Add(new WebhookOptions { Url = new Uri("ftp://example.org"), Secret = "short" });
            });
        var error = await Should.ThrowAsync<OptionsValidationException>(() => app.StartAsync(Cancellation));
        string[] words =
            ["Period", "'typo'", "HistoryCount", "LivenessMaxSilence", "BasePath", "FailureThreshold", "'nobody'", "Url", "Secret"];
        foreach (var word in words)
            error.Message.ShouldContain(word);
        error.Message.ShouldNotContain("short.");
    }

    [Fact]
    public async Task Start_TwoContributorsOfOneName_NamesThem()
    {
        await using var app = HealthApp.Build(
            b => b.AddContributor("db", _ => new SwitchCheck()).AddContributor("DB", _ => new SwitchCheck()));
        var error = await Should.ThrowAsync<OptionsValidationException>(() => app.StartAsync(Cancellation));
        error.Message.ShouldContain("2 contributors have the name 'db'");
    }

    [Theory]
    [InlineData("RecoveryPeriod")]
    [InlineData("MaxHungRuns")]
    [InlineData("HungRetryDelay")]
    public async Task Start_ContributorSettingOutOfRange_IsNamed(string setting)
    {
        await using var app = HealthApp.Build(b => b.AddContributor("db", _ => new SwitchCheck(), c =>
        {
            c.RecoveryPeriod = setting == "RecoveryPeriod" ? TimeSpan.FromSeconds(11) : null;
            c.MaxHungRuns = setting == "MaxHungRuns" ? 0 : null;
            c.HungRetryDelay = setting == "HungRetryDelay" ? TimeSpan.Zero : null;
        }));
        var error = await Should.ThrowAsync<OptionsValidationException>(() => app.StartAsync(Cancellation));
        error.Failures.ShouldHaveSingleItem().ShouldContain($"'db': {setting}");
    }

    [Theory]
    [InlineData("nobody", null)]
    [InlineData(null, "no-such-tag")]
    public async Task Start_GroupWithAnUnknownMember_IsAnError(string? name, string? tag)
    {
        await using var app = HealthApp.Build(b => b.AddContributor("db", _ => new SwitchCheck()).AddGroup("mine", g =>
        {
            if (name is not null)
                g.IncludeNames.Add(name);
            if (tag is not null)
                g.ExcludeTags.Add(tag);
        }));
        var error = await Should.ThrowAsync<OptionsValidationException>(() => app.StartAsync(Cancellation));
        error.Message.ShouldContain(name ?? tag!);
        error.Message.ShouldContain("mine");
    }

    [Theory]
    [InlineData("live")]
    [InlineData("a b")]
    [InlineData("db")]
    public async Task Start_GroupWithATakenName_IsAnError(string name)
    {
        await using var app = HealthApp.Build(b => b.AddContributor("db", _ => new SwitchCheck()).AddGroup(name, _ => { }));
        await Should.ThrowAsync<OptionsValidationException>(() => app.StartAsync(Cancellation));
    }

    [Fact]
    public async Task Start_WrongContributorOptions_NamesThem()
    {
        await using var app = HealthApp.Build(b => b.AddDisk("data", o => (o.DegradedPercent, o.UnhealthyPercent) = (90, 80)));
        var error = await Should.ThrowAsync<OptionsValidationException>(() => app.StartAsync(Cancellation));
        error.Message.ShouldContain("'data'");
        error.Message.ShouldContain("DegradedPercent");
    }

    [Fact]
    public async Task AddDataHealth_Section_WinsOverCode()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Health:Contributors:db:Critical"] = "false",
            ["Health:Contributors:db:Period"] = "00:00:42",
            ["Health:Contributors:db:Tags:0"] = "configured",
            ["Health:Defaults:Timeout"] = "00:00:03",
            ["Health:Groups:mine:IncludeTags:0"] = "configured",
            ["Health:Groups:mine:DegradedStatusCode"] = "207",
            ["Health:Endpoints:BasePath"] = "/status",
            ["Health:Webhooks:0:Url"] = "https://example.org/hook",
        }).Build();
        var services = new ServiceCollection().AddLogging();
        services.AddSingleton<Microsoft.Extensions.Hosting.IHostApplicationLifetime, NoLifetime>();
        services.AddDataHealth(configuration.GetSection("Health"))
            .AddContributor("db", _ => new SwitchCheck(), c => (c.Critical, c.Period) = (true, TimeSpan.FromSeconds(1)));
        await using var provider = services.BuildServiceProvider();

        var options = provider.GetRequiredService<IOptions<DataHealthOptions>>().Value;
        options.Endpoints.BasePath.ShouldBe("/status");
        options.Groups["mine"].DegradedStatusCode.ShouldBe(207);
        options.Webhooks.Single().Url!.Host.ShouldBe("example.org");
        var policy = provider.GetRequiredService<HealthEvaluator>().Get("db")!.Policy;
        policy.Critical.ShouldBeFalse();
        policy.Period.ShouldBe(TimeSpan.FromSeconds(42));
        policy.Timeout.ShouldBe(TimeSpan.FromSeconds(3));
        policy.Tags.ShouldContain("configured");
    }

    [Fact]
    public async Task AddDataHealth_CheckRegisteredByAnotherPackage_IsAContributor()
    {
        await using var app = await HealthApp.StartAsync(
            _ => { }, host: b => b.Services.AddHealthChecks()
                .AddCheck("foreign", new SwitchCheck(), tags: ["theirs"], timeout: TimeSpan.FromSeconds(1)));
        await Eventually.BeAsync(async () => (await app.GetAsync("/health/foreign")).Status == 200, "healthy");
        var contributor = app.Services.GetRequiredService<IHealthMonitor>().Find("foreign")!;
        contributor.Tags.ShouldContain("theirs");
        app.Services.GetRequiredService<HealthEvaluator>().Get("foreign")!.Policy.Timeout.ShouldBe(TimeSpan.FromSeconds(1));
    }

    private sealed class NoLifetime : Microsoft.Extensions.Hosting.IHostApplicationLifetime
    {
        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => CancellationToken.None;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication()
        {
        }
    }
}
