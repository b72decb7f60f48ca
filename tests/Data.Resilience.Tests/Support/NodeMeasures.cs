using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Data.Resilience.Tests.Support;

/// <summary>Collects the measurements of one node.</summary>
internal sealed class NodeMeasures : IDisposable
{
    private readonly ConcurrentQueue<(string Instrument, double Value, KeyValuePair<string, object?>[] Tags)> _seen = new();
    private readonly MeterListener _listener = new();
    private readonly string _node;

    public NodeMeasures(string node)
    {
        _node = node;
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Data.Resilience")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    public double Sum(string instrument) => _seen.Where(seen => seen.Instrument == instrument).Sum(seen => seen.Value);

    public int Count(string instrument) => _seen.Count(seen => seen.Instrument == instrument);

    public IReadOnlyList<object?> Tags(string instrument, string tag) =>
        [.. _seen.Where(seen => seen.Instrument == instrument).SelectMany(seen => seen.Tags).Where(pair => pair.Key == tag)
            .Select(pair => pair.Value)];

    /// <summary>Reads a gauge now; null when it has no value for the node.</summary>
    public double? Read(string instrument)
    {
        var before = Count(instrument);
        _listener.RecordObservableInstruments();
        return _seen.Where(seen => seen.Instrument == instrument).Skip(before).Select(seen => (double?)seen.Value).SingleOrDefault();
    }

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Contains(new KeyValuePair<string, object?>("data.resilience.node", _node)))
            _seen.Enqueue((instrument.Name, value, tags.ToArray()));
    }
}
