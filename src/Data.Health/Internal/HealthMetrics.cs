using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Internal;

/// <summary>What the gauges show of one contributor.</summary>
internal readonly record struct ContributorMeasure(string Name, HealthStatus Status, TimeSpan Age, TimeSpan MaxAge);

/// <summary>The instruments of the meter <c>Data.Health</c>.</summary>
internal sealed class HealthMetrics : IDisposable
{
    public const string MeterName = "Data.Health";

    private readonly Meter _meter;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _transitions;
    private readonly Counter<long> _dropped;

    public HealthMetrics(IMeterFactory factory)
    {
        _meter = factory.Create(MeterName);
        _duration = _meter.CreateHistogram<double>(
            "data.health.check.duration", "s", "Time one run of a check took, by contributor and reason.");
        _transitions = _meter.CreateCounter<long>(
            "data.health.transitions", "{transition}", "Changes of status after hysteresis.");
        _dropped = _meter.CreateCounter<long>(
            "data.health.notifications.dropped",
            "{notification}",
            "Changes that a listener was too slow to take or that a webhook refused.");
    }

    /// <summary>Publishes the gauges of the contributors, which read at collection time what the callback yields.</summary>
    public void Observe(Func<IEnumerable<ContributorMeasure>> read)
    {
        _meter.CreateObservableGauge(
            "data.health.status",
            () => read().Select(c => new Measurement<int>((int)c.Status, NameTag(c.Name))),
            "{status}",
            "Status by contributor: 0 unhealthy, 1 degraded, 2 healthy.");
        _meter.CreateObservableGauge(
            "data.health.evaluation.age",
            () => read().Select(c => new Measurement<double>(c.Age.TotalSeconds, NameTag(c.Name))),
            "s",
            "Time since the last result by contributor.");
        _meter.CreateObservableGauge(
            "data.health.evaluation.max_age",
            () => read().Select(c => new Measurement<double>(c.MaxAge.TotalSeconds, NameTag(c.Name))),
            "s",
            "Age at which a result counts as failed by contributor.");
    }

    /// <summary>Publishes the gauge of the pool's lag.</summary>
    public void ObserveLag(Func<TimeSpan> read) => _meter.CreateObservableGauge(
        "data.health.evaluation.lag",
        () => read().TotalSeconds,
        "s",
        "Longest time in the last ten seconds that a work item waited for a thread of the pool.");

    public void Evaluated(string contributor, TimeSpan duration, string reason) =>
        _duration.Record(duration.TotalSeconds, NameTag(contributor), new KeyValuePair<string, object?>("data.health.reason", reason));

    public void Changed(string contributor, HealthStatus from, HealthStatus to)
    {
        var tags = new TagList { NameTag(contributor), { "data.health.from", Word(from) }, { "data.health.to", Word(to) } };
        _transitions.Add(1, tags);
    }

    public void Dropped(string listener) => _dropped.Add(1, new KeyValuePair<string, object?>("data.health.listener", listener));

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> NameTag(string name) => new("data.health.contributor", name);

    private static string Word(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };
}
