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
            b.AddContributor("db", _ => check, c =>
                (c.Period, c.ConfirmationDelay, c.MaxAge) = (TimeSpan.FromMilliseconds(20), TimeSpan.Zero, TimeSpan.FromSeconds(77))));
        var factory = app.Services.GetRequiredService<IMeterFactory>();
        var seen = new ConcurrentDictionary<string, double>(StringComparer.Ordinal);
        var attributes = new ConcurrentBag<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == "Data.Health" && ReferenceEquals(instrument.Meter.Scope, factory))
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<int>((i, v, tags, _) => See(i, v, tags));
        listener.SetMeasurementEventCallback<long>((i, v, tags, _) => See(i, v, tags));
        listener.SetMeasurementEventCallback<double>((i, v, tags, _) => See(i, v, tags));
        listener.Start();

        await Eventually.BeAsync(() => seen.ContainsKey("data.health.check.duration"), "a run is measured");
        listener.RecordObservableInstruments();
        seen["data.health.status"].ShouldBe(2);
        seen["data.health.evaluation.age"].ShouldBeGreaterThanOrEqualTo(0);
        seen["data.health.evaluation.max_age"].ShouldBe(77);
        seen["data.health.evaluation.lag"].ShouldBeGreaterThanOrEqualTo(0);

        check.Status = HealthStatus.Unhealthy;
        await Eventually.BeAsync(() => seen.ContainsKey("data.health.transitions"), "a transition");
        listener.RecordObservableInstruments();
        seen["data.health.status"].ShouldBe(0);
        attributes.ShouldAllBe(attribute => attribute.StartsWith("data.health.", StringComparison.Ordinal));

        void See(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            seen[instrument.Name] = value;
            foreach (var (key, _) in tags)
                attributes.Add(key);
        }
    }

    [Fact]
    public async Task Meter_OnDemandContributor_IsMeasuredOnlyWhileItsResultIsFresh()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using var app = await HealthApp.StartAsync(
            b => b.AddContributor("asked", _ => new SwitchCheck(), c => c.Mode = Data.Health.Evaluation.EvaluationMode.OnDemand),
            host: b => b.Services.AddSingleton<TimeProvider>(time));
        var factory = app.Services.GetRequiredService<IMeterFactory>();
        var measured = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Name is "data.health.status" && ReferenceEquals(instrument.Meter.Scope, factory))
                    l.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<int>((_, value, _, _) => measured += value);
        listener.Start();
        int Measure()
        {
            measured = 0;
            listener.RecordObservableInstruments();
            return measured;
        }

        Measure().ShouldBe(0, "nobody has asked");
        await app.GetAsync("/health");
        Measure().ShouldBe(2);
        time.Advance(TimeSpan.FromSeconds(35));
        Measure().ShouldBe(0, "nobody has asked for long");
        await app.GetAsync("/health");
        Measure().ShouldBe(2);
    }
}
