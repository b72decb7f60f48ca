using System.Diagnostics.Metrics;
using Data.Resilience.Internal;

namespace Data.Resilience.Outbox;

/// <summary>The metrics of one node's outbox.</summary>
internal sealed class OutboxInstruments : IDisposable
{
    private readonly Meter _meter = new(ResilienceTelemetry.Name);
    private readonly Counter<long> _published;
    private readonly Counter<long> _failed;
    private readonly Counter<long> _dead;
    private readonly ObservableGauge<long> _depth;
    private readonly KeyValuePair<string, object?> _tag;
    private OutboxStatus? _status;

    public OutboxInstruments(string node)
    {
        _tag = new(ResilienceTelemetry.NodeTag, node);
        _published = _meter.CreateCounter<long>("data.resilience.outbox.published", "{message}", "Messages that the publisher accepted.");
        _failed = _meter.CreateCounter<long>("data.resilience.outbox.failures", "{attempt}", "Attempts to publish that failed.");
        _dead = _meter.CreateCounter<long>("data.resilience.outbox.dead_letters", "{message}", "Messages that became dead letters.");
        _depth = _meter.CreateObservableGauge(
            "data.resilience.outbox.depth",
            () => Observe(static status => status.Depth),
            "{message}",
            "Messages that are not published yet.");
        _meter.CreateObservableGauge(
            "data.resilience.outbox.lag",
            () => Observe(static status => status.Lag.TotalSeconds),
            "s",
            "Age of the oldest message that is not published yet.");
    }

    /// <summary>Whether anybody looks at depth and lag, which cost a query to know.</summary>
    public bool WantsStatus => _depth.Enabled;

    public void Record(int published, int failed, int dead)
    {
        if (published > 0)
            _published.Add(published, _tag);
        if (failed > 0)
            _failed.Add(failed, _tag);
        if (dead > 0)
            _dead.Add(dead, _tag);
    }

    public void Record(OutboxStatus status) => Volatile.Write(ref _status, status);

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<T>> Observe<T>(Func<OutboxStatus, T> value)
        where T : struct =>
        Volatile.Read(ref _status) is { } status ? [new Measurement<T>(value(status), _tag)] : [];
}
