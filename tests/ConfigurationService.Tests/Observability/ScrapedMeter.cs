using System.Diagnostics.Metrics;
using ConfigurationService.Observability;
using ConfigurationService.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;

namespace ConfigurationService.Tests.Observability;

/// <summary>A meter of a test's own, behind the service's registration and its <c>/metrics</c>.</summary>
internal sealed class ScrapedMeter : IAsyncDisposable
{
    public const string Prefix = "Test.";

    private readonly WebApplication _app;

    private ScrapedMeter(WebApplication app, string name)
    {
        _app = app;
        Meter = new Meter(name);
        // The same name in another meter must disturb nothing.
        Other = new Meter(name + ".Other");
    }

    public Meter Meter { get; }

    public Meter Other { get; }

    public static async Task<ScrapedMeter> StartAsync()
    {
        var name = $"{Prefix}{Guid.NewGuid():n}";
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Services.AddTelemetry(new TelemetrySettings(OtlpEndpoint: null));
        builder.Services.ConfigureOpenTelemetryMeterProvider(metrics => metrics.AddMeter(name, name + ".Other"));
        var app = builder.Build();
        MetricsEndpoint.Map(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new ScrapedMeter(app, name);
    }

    public async Task<Exposition> ScrapeAsync() =>
        Exposition.Parse(await _app.GetTestClient().GetStringAsync(MetricsEndpoint.Path, TestContext.Current.CancellationToken));

    /// <summary>What a scrape says of the meter.</summary>
    public async Task<Dictionary<string, double>> SamplesAsync() => (await ScrapeAsync()).Of(Meter.Name);

    public async ValueTask DisposeAsync()
    {
        Meter.Dispose();
        Other.Dispose();
        await _app.DisposeAsync();
    }
}
