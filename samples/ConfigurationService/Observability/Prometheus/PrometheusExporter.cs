using System.Diagnostics.Metrics;

namespace ConfigurationService.Observability.Prometheus;

/// <summary>
/// Listens to the meters of this process and writes them in the Prometheus text format, version 0.0.4. Counters, gauges and histograms are
/// kept from the moment the exporter is made.
/// </summary>
internal sealed class PrometheusExporter : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly MeterListener _listener = new();
    private readonly Func<Meter, bool> _listensTo;
    private readonly Lock _lock = new();
    private readonly List<Metric> _metrics = [];
    private long _scrape;

    public PrometheusExporter(Func<Meter, bool> listensTo)
    {
        _listensTo = listensTo;
        _listener.InstrumentPublished = Published;
        _listener.SetMeasurementEventCallback<byte>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<short>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<int>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<float>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<decimal>((_, value, tags, state) => Record((double)value, tags, state));
        _listener.Start();
    }

    /// <summary>Writes every metric as it is now.</summary>
    public void Write(TextWriter writer)
    {
        lock (_lock)
        {
            Interlocked.Increment(ref _scrape);
            _listener.RecordObservableInstruments();
            // Instruments of several meters may share a name (one per pool, one per tenant of a library): one family, all their series.
            foreach (var family in Metrics().GroupBy(static m => m.Name, StringComparer.Ordinal)
                .OrderBy(static g => g.Key, StringComparer.Ordinal))
            {
                WriteFamily(writer, family.Key, [.. family]);
            }
        }
    }

    public void Dispose() => _listener.Dispose();

    private List<Metric> Metrics()
    {
        lock (_metrics)
            return [.. _metrics];
    }

    private void WriteFamily(TextWriter writer, string name, IReadOnlyList<Metric> metrics)
    {
        var kind = metrics[0].Kind;
        // A labelled series may come once only; the first instrument that reports it stands for it.
        var series = metrics.Where(m => m.Kind == kind).SelectMany(m => m.Current(_scrape)).DistinctBy(static s => s.Labels).ToList();
        if (series.Count == 0)
            return;
        if (metrics[0].Description.Length > 0)
        {
            var help = metrics[0].Description.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
            writer.Write($"# HELP {name} {help}\n");
        }

        writer.Write($"# TYPE {name} {TypeOf(kind)}\n");
        foreach (var one in series)
            one.Write(writer, name);
    }

    private void Published(Instrument instrument, MeterListener listener)
    {
        if (!_listensTo(instrument.Meter))
            return;
        var metric = new Metric(instrument);
        // Not under the lock of a scrape: an observation may publish an instrument.
        lock (_metrics)
            _metrics.Add(metric);
        listener.EnableMeasurementEvents(instrument, metric);
    }

    private void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state) =>
        (state as Metric)?.Record(value, tags, Volatile.Read(ref _scrape));

    private static string TypeOf(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.Gauge => "gauge",
        _ => "histogram",
    };
}
