using System.Collections.Concurrent;

namespace Data.Resilience.Interceptors;

/// <summary>Owns everything that outlives a session: statements, their statistics, the slow-query log and the instruments.</summary>
internal sealed class QueryMonitor : IQueryMonitor, IDisposable
{
    private static readonly QueryFingerprint Others = new("(other statements)");

    private readonly StatementCache _statements;
    private readonly SlowQueryLog _slowQueries;
    private readonly QueryInstruments _instruments;
    private readonly ConcurrentDictionary<QueryFingerprint, StatementStatistics> _statistics = new();
    private readonly StatementStatistics _overflow = new(Others);

    public QueryMonitor(QueryDiagnosticsOptions options, SlowQueryLog slowQueries, NPlusOneDetector nPlusOne, TimeProvider time)
    {
        Options = options;
        Time = time;
        NPlusOne = nPlusOne;
        _slowQueries = slowQueries;
        _statements = new StatementCache(Options.FingerprintCacheCount, Describe);
        _instruments = new QueryInstruments(() => Options.TopQueryCount == 0 ? [] : Top(Options.TopQueryCount));
    }

    public QueryDiagnosticsOptions Options { get; }

    public TimeProvider Time { get; }

    public NPlusOneDetector NPlusOne { get; }

    public Statement Find(string commandText) => _statements.Get(commandText);

    public IReadOnlyList<QueryStatistics> Top(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return [.. _statistics.Values.Append(_overflow)
            .Where(s => s.TotalTicks > 0)
            .OrderByDescending(s => s.TotalTicks)
            .Take(count)
            .Select(s => s.Snapshot())];
    }

    public void Reset()
    {
        // Statements still hold the old rows, so the rows themselves are emptied rather than dropped.
        foreach (var row in _statistics.Values)
            row.Clear();
        _overflow.Clear();
    }

    /// <summary>Accounts for one command.</summary>
    public void Finished(Statement statement, in CommandCompletion completion)
    {
        statement.Statistics.Record(completion.Duration, completion.Failed);
        if (completion.Duration >= statement.Threshold)
        {
            _instruments.SlowQueries.Add(1);
            _slowQueries.Report(statement, completion);
        }
    }

    public void SessionEnded(int queryCount, TimeSpan databaseTime)
    {
        _instruments.SessionQueries.Record(queryCount);
        _instruments.SessionDatabaseTime.Record(databaseTime.TotalSeconds);
    }

    public void Dispose()
    {
        _instruments.Dispose();
        NPlusOne.Dispose();
    }

    private Statement Describe(string commandText)
    {
        var (text, tags) = SqlNormalizer.Normalize(commandText);
        var fingerprint = new QueryFingerprint(text);
        var threshold = Options.SlowQueryThreshold;
        var tagged = tags.Where(Options.TagThresholds.ContainsKey).Select(tag => Options.TagThresholds[tag]).ToList();
        if (tagged.Count > 0)
            threshold = tagged.Min();
        var statistics = _statistics.GetValueOrDefault(fingerprint)
            ?? (_statistics.Count < Options.MaxFingerprintCount
                ? _statistics.GetOrAdd(fingerprint, static f => new StatementStatistics(f))
                : _overflow);
        return new Statement(statistics, fingerprint, tags, threshold, new StatementShape(commandText));
    }
}
