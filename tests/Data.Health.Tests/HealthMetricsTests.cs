using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Data.Health.Tests.Support;
using Data.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Tests;

public sealed class HealthMetricsTests
{
    [Fact]
    public async Task Meter_ContributorChanges_ReportsStatusAgeDurationAndTransition()
    {
        var check = new SwitchCheck();
        await using var app = await HealthApp.StartAsync(b =>
            b.AddContributor("db", _ => check, c => (c.Period, c.ConfirmationDelay) = (TimeSpan.FromMilliseconds(20), TimeSpan.Zero)));
        var factory = app.Services.GetRequiredService<IMeterFactory>();
        var seen = new ConcurrentDictionary<string, double>(StringComparer.Ordinal);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == "Data.Health" && ReferenceEquals(instrument.Meter.Scope, factory))
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<int>((i, v, _, _) => seen[i.Name] = v);
        listener.SetMeasurementEventCallback<long>((i, v, _, _) => seen[i.Name] = v);
        listener.SetMeasurementEventCallback<double>((i, v, _, _) => seen[i.Name] = v);
        listener.Start();

        await Eventually.BeAsync(() => seen.ContainsKey("data.health.check.duration"), "a run is measured");
        listener.RecordObservableInstruments();
        seen["data.health.status"].ShouldBe(2);
        seen["data.health.evaluation.age"].ShouldBeGreaterThanOrEqualTo(0);

        check.Status = HealthStatus.Unhealthy;
        await Eventually.BeAsync(() => seen.ContainsKey("data.health.transitions"), "a transition");
        listener.RecordObservableInstruments();
        seen["data.health.status"].ShouldBe(0);
    }
}
