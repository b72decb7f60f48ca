using Data.Health.Evaluation;
using Data.Health.History;
using Data.Health.Internal;
using Data.Health.Starvation;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Data.Health.Liveness;

/// <summary>
/// Looks from a thread of its own, which no starvation reaches, whether the evaluation keeps up: it samples the pool's lag, and tells of
/// results that have become stale and of a pool that is late.
/// </summary>
internal sealed class EvaluationWatch : IHostedService, IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    private readonly HealthEvaluator _evaluator;
    private readonly PoolLag _lag;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ManualResetEvent _stop = new(initialState: false);
    private Thread? _thread;
    private bool _late;

    public EvaluationWatch(
        HealthEvaluator evaluator, PoolLag lag, HealthMetrics metrics, TimeProvider time, ILogger<EvaluationWatch> logger)
    {
        (_evaluator, _lag, _time, _logger) = (evaluator, lag, time, logger);
        metrics.ObserveLag(() => lag.WorstWithin(Window));
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "Data.Health watch" };
        _thread.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _stop.Set();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _stop.Set();
        // A thread that a log provider holds keeps the event.
        if (_thread is null || _thread.Join(TimeSpan.FromSeconds(1)))
            _stop.Dispose();
    }

    /// <summary>One look.</summary>
    public void Look()
    {
        _lag.Sample();
        var now = _time.GetTimestamp();
        foreach (var contributor in _evaluator.Contributors)
        {
            if (contributor.Policy.Mode == EvaluationMode.Background)
                contributor.TellIfStale(now);
        }

        // It is over when nothing has waited for long during a whole window, so that a pool at its limit makes one event.
        var late = (_late ? _lag.WorstWithin(Window) : _lag.Current) >= PoolLag.Late;
        if (late == _late)
            return;
        _late = late;
        if (late)
            HealthLog.PoolLate(_logger, _lag.Current.TotalMilliseconds);
        else
            HealthLog.PoolInTime(_logger);
        var (good, bad) = (HealthStatus.Healthy, HealthStatus.Degraded);
        _evaluator.Raise(new HealthChange(
            HealthReasons.Evaluation,
            late ? good : bad,
            late ? bad : good,
            late ? HealthReasons.Late : HealthReasons.Ok,
            Critical: false,
            _time.GetUtcNow()));
    }

    private void Run()
    {
        do
        {
            try
            {
                Look();
            }
            catch (Exception e)
            {
                // A log provider that throws must not end the watch, nor the process with it.
                HealthLog.LoopFailed(_logger, HealthReasons.Evaluation, CauseText.Of(e, null));
            }
        }
        while (!_stop.WaitOne(Interval));
    }
}
