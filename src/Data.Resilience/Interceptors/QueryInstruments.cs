using System.Diagnostics.Metrics;
using Data.Resilience.Internal;

namespace Data.Resilience.Interceptors;

/// <summary>The instruments of this folder on the package's meter.</summary>
internal sealed class QueryInstruments : IDisposable
{
    private readonly Meter _meter = new(ResilienceTelemetry.Name);
    private readonly Func<IReadOnlyList<QueryStatistics>> _top;

    public QueryInstruments(Func<IReadOnlyList<QueryStatistics>> top)
    {
        _top = top;
        SlowQueries = _meter.CreateCounter<long>("data.resilience.query.slow", "{query}", "Commands slower than their threshold.");
        SessionQueries = _meter.CreateHistogram<int>("data.resilience.session.queries", "{query}", "Commands sent by one session.");
        SessionDatabaseTime = _meter.CreateHistogram<double>(
            "data.resilience.session.database_time", "s", "Time one session waited for the database.");
        _meter.CreateObservableCounter(
            "data.resilience.query.time", () => Observe(r => r.Total.TotalSeconds), "s", "Total time of the most expensive statements.");
        _meter.CreateObservableCounter(
            "data.resilience.query.executions", () => Observe(r => r.Count), "{query}", "Executions of the most expensive statements.");
        _meter.CreateObservableCounter(
            "data.resilience.query.rows", () => Observe(r => r.RowCount), "{row}", "Rows of the most expensive statements.");
    }

    public Counter<long> SlowQueries { get; }

    public Histogram<int> SessionQueries { get; }

    public Histogram<double> SessionDatabaseTime { get; }

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<T>> Observe<T>(Func<QueryStatistics, T> value)
        where T : struct =>
        _top().Select(row => new Measurement<T>(
            value(row),
            new KeyValuePair<string, object?>(ResilienceTelemetry.FingerprintTag, row.Fingerprint.Id),
            new KeyValuePair<string, object?>("db.query.text", row.Fingerprint.Text)));
}
