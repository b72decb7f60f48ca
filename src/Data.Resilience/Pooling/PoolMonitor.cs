using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Data.Resilience.Connections;
using Data.Resilience.Internal;
using Data.Resilience.Sessions;
using Microsoft.Extensions.Logging;

namespace Data.Resilience.Pooling;

/// <summary>Keeps the leases of all pools of a context, measures them, and reports those that are held too long.</summary>
internal sealed partial class PoolMonitor : ISessionObserver, IDisposable
{
    private readonly ConcurrentDictionary<DatabaseNode, MonitoredPool> _pools = new();
    private readonly Meter _meter = new(ResilienceTelemetry.Name);
    private readonly Histogram<double> _waitTime;
    private readonly Histogram<double> _useTime;
    private readonly Counter<long> _exhausted;
    private readonly Counter<long> _leaks;
    private readonly IdleConnectionCounter _idle = new();
    private readonly ILogger _logger;
    private readonly ITimer? _leakTimer;

    public PoolMonitor(PoolOptions options, TimeProvider time, ILogger<PoolMonitor> logger)
    {
        Options = options;
        Time = time;
        _logger = logger;
        _waitTime = _meter.CreateHistogram<double>("data.resilience.pool.wait_time", "s", "Time to get a connection from the pool.");
        _useTime = _meter.CreateHistogram<double>(
            "data.resilience.pool.use_time",
            "s",
            "Time between getting a connection and returning it.");
        _exhausted = _meter.CreateCounter<long>("data.resilience.pool.timeouts", "{timeout}", "Waits that ended without a connection.");
        _leaks = _meter.CreateCounter<long>(
            "data.resilience.pool.leaks",
            "{connection}",
            "Connections held longer than the leak threshold.");
        _meter.CreateObservableUpDownCounter(
            "data.resilience.pool.busy",
            () => Observe(p => p.Leases.Count()),
            "{connection}",
            "Connections held by sessions.");
        _meter.CreateObservableUpDownCounter(
            "data.resilience.pool.waiting",
            () => Observe(p => p.Waiting),
            "{session}",
            "Sessions waiting for a connection.");
        if (options.LeakThreshold is { } threshold)
        {
            // Looking four times per threshold reports a leak at most a quarter late.
            var period = TimeSpan.FromMilliseconds(Math.Clamp(threshold.TotalMilliseconds / 4, 5, 30_000));
            _leakTimer = time.CreateTimer(static state => ((PoolMonitor)state!).ReportLeaks(), this, period, period);
        }
    }

    public PoolOptions Options { get; }

    public TimeProvider Time { get; }

    public MonitoredPool PoolOf(DatabaseNode node) =>
        _pools.TryGetValue(node, out var pool) ?
            pool :
            _pools.GetOrAdd(node, static (n, monitor) => new MonitoredPool(n.Name, n.DataSource, monitor), this);

    public IReadOnlyList<PoolStatistics> GetStatistics() =>
    [
        .. _pools.Values.OrderBy(p => p.Name, StringComparer.Ordinal).Select(pool => new PoolStatistics
        {
            Name = pool.Name,
            BusyCount = pool.Leases.Count(),
            IdleCount = _idle.Read(pool.Name),
            WaitingCount = pool.Waiting,
            MaxSize = pool.MaxSize,
            ExhaustedCount = pool.Exhausted,
            FailureCount = pool.Failed,
            LeakedCount = pool.Leases.Count(l => l.IsReported),
        }),
    ];

    public void Waited(MonitoredPool pool, TimeSpan waited) => _waitTime.Record(waited.TotalSeconds, pool.Tag);

    public void Exhausted(MonitoredPool pool) => _exhausted.Add(1, pool.Tag);

    public void Returned(MonitoredPool pool, ConnectionLease lease)
    {
        var held = Time.GetElapsedTime(lease.OpenedAt);
        _useTime.Record(held.TotalSeconds, pool.Tag);
        if (lease.IsReported)
            LogCameBack(_logger, pool.Name, lease.Session ?? "unnamed", held.TotalSeconds);
    }

    public void Opened(DbSession session)
    {
        if (_pools.TryGetValue(session.Node, out var pool) && pool.Find(session.Connection) is { } lease)
            lease.Session = session.Options.Name;
    }

    public void Closed(DbSession session, in SessionSummary summary)
    {
        // The connection itself reports its return, whoever opened it.
    }

    public void Dispose()
    {
        _leakTimer?.Dispose();
        _idle.Dispose();
        _meter.Dispose();
    }

    private void ReportLeaks()
    {
        foreach (var pool in _pools.Values)
        {
            foreach (var lease in pool.Leases.Where(l => !l.IsReported && Time.GetElapsedTime(l.OpenedAt) > Options.LeakThreshold))
            {
                lease.IsReported = true;
                _leaks.Add(1, pool.Tag);
                LogLeak(
                    _logger,
                    pool.Name,
                    lease.Session ?? "unnamed",
                    Time.GetElapsedTime(lease.OpenedAt).TotalSeconds,
                    Describe(lease.Stack));
            }
        }
    }

    private static string Describe(StackTrace? stack) => stack?.ToString() ?? "(no stack)";

    private IEnumerable<Measurement<int>> Observe(Func<MonitoredPool, int> value) =>
        _pools.Values.Select(p => new Measurement<int>(value(p), p.Tag));

    [LoggerMessage(
        1501,
        LogLevel.Warning,
        "A connection of pool {Pool} has been held by session {Session} for {HeldSeconds:0.0} s; it was opened at\n{Stack}")]
    private static partial void LogLeak(ILogger logger, string pool, string session, double heldSeconds, string stack);

    [LoggerMessage(
        1502,
        LogLevel.Information,
        "The connection of pool {Pool} that session {Session} held too long was returned after {HeldSeconds:0.0} s")]
    private static partial void LogCameBack(ILogger logger, string pool, string session, double heldSeconds);
}
