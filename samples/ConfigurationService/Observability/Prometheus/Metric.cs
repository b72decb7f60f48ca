using System.Diagnostics.Metrics;

namespace ConfigurationService.Observability.Prometheus;

/// <summary>
/// One instrument and its series. A measurement finds its series by a hash over its tags, without allocating; only a set of tags seen for
/// the first time takes the lock. Label sets beyond the limit are counted together under <c>overflow</c>, so that no caller can fill the
/// memory.
/// </summary>
internal sealed class Metric
{
    private const int MaxSeries = 2_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Series> _byLabels = new(StringComparer.Ordinal);
    private readonly double[] _bounds;
    private volatile Dictionary<int, Node> _byHash = [];

    public Metric(Instrument instrument)
    {
        Kind = KindOf(instrument);
        Name = MetricName.Of(instrument, Kind);
        Description = instrument.Description ?? "";
        IsObserved = instrument.IsObservable;
        // Instruments tell steps, but for gauges and observed ones, which tell where they are.
        TellsValue = IsObserved || instrument.GetType().GetGenericTypeDefinition() == typeof(Gauge<>);
        _bounds = Kind == MetricKind.Histogram ? HistogramBounds.Of(instrument) : [];
    }

    public MetricKind Kind { get; }

    public string Name { get; }

    public string Description { get; }

    private bool IsObserved { get; }

    private bool TellsValue { get; }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, long scrape)
    {
        var series = Find(tags);
        series.SeenAt = scrape;
        if (TellsValue)
            series.Set(value);
        else
            series.Add(value);
    }

    public IReadOnlyList<Series> Current(long scrape)
    {
        lock (_lock)
            return [.. _byLabels.Values.Where(s => !IsObserved || s.SeenAt == scrape)];
    }

    private Series Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var hash = HashOf(tags);
        for (var node = _byHash.GetValueOrDefault(hash); node is not null; node = node.Next)
        {
            if (node.Matches(tags))
                return node.Series;
        }

        return Create(hash, tags);
    }

    private Series Create(int hash, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = LabelText.Of(tags);
        lock (_lock)
        {
            if (!_byLabels.TryGetValue(labels, out var series) && _byLabels.Count >= MaxSeries)
                return Overflow();
            if (series is null)
                _byLabels.Add(labels, series = NewSeries(labels));
            // Copied, so that readers need no lock: new label sets are rare, measurements are not.
            _byHash = new Dictionary<int, Node>(_byHash) { [hash] = new Node(tags.ToArray(), series, _byHash.GetValueOrDefault(hash)) };
            return series;
        }
    }

    private Series Overflow()
    {
        const string Labels = "overflow=\"true\"";
        if (!_byLabels.TryGetValue(Labels, out var series))
            _byLabels.Add(Labels, series = NewSeries(Labels));
        return series;
    }

    private Series NewSeries(string labels) =>
        Kind == MetricKind.Histogram ? new HistogramSeries(labels, _bounds) : new ValueSeries(labels);

    private static int HashOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var hash = new HashCode();
        foreach (var (name, value) in tags)
        {
            hash.Add(name);
            hash.Add(value);
        }

        return hash.ToHashCode();
    }

    private static MetricKind KindOf(Instrument instrument)
    {
        var type = instrument.GetType().GetGenericTypeDefinition();
        if (type == typeof(Histogram<>))
            return MetricKind.Histogram;
        return type == typeof(Counter<>) || type == typeof(ObservableCounter<>) ? MetricKind.Counter : MetricKind.Gauge;
    }

    private sealed class Node(KeyValuePair<string, object?>[] tags, Series series, Node? next)
    {
        public Series Series => series;

        public Node? Next => next;

        public bool Matches(ReadOnlySpan<KeyValuePair<string, object?>> others)
        {
            if (tags.Length != others.Length)
                return false;
            for (var i = 0; i < tags.Length; i++)
            {
                if (tags[i].Key != others[i].Key || !Equals(tags[i].Value, others[i].Value))
                    return false;
            }

            return true;
        }
    }
}
