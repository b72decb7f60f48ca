using Data.Resilience.CircuitBreaking;
using Data.Resilience.Internal;
using Data.Resilience.Retry;
using Polly.CircuitBreaker;

namespace Data.Resilience.Admission;

/// <summary>
/// Lets attempts through to one data source, or has them wait, first come, first served, until the database answers again.
/// </summary>
/// <remarks>
/// <para>
/// Safe for concurrent use. Every call waits while the circuit is open. A retry also waits while the database is in doubt, which means that
/// the last attempt of any call was failed by it, and while the retry budget is spent; so an outage costs one attempt per call and a trial
/// per break, whatever the number of calls. A wait holds no thread and no connection.
/// </para>
/// <para>An attempt that is let through costs two reads while all is well.</para>
/// </remarks>
internal sealed class AttemptGate : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);
    private readonly CircuitBreakerOptions _options;
    private readonly TimeProvider _time;
    private readonly RecoveryPace _pace;
    private readonly Lock _lock = new();
    private readonly WaitingLine _line = new();
    private readonly ITimer _timer;
    private volatile bool _isBusy;
    private bool _isDisposed;

    /// <summary>Makes the gate of a data source.</summary>
    /// <param name="circuit">Its circuit.</param>
    /// <param name="budget">Its retry budget.</param>
    /// <param name="options">Breaks and limits.</param>
    /// <param name="poolSize">Greatest number of its connections.</param>
    /// <param name="time">The clock.</param>
    public AttemptGate(DatabaseCircuit circuit, RetryBudget budget, CircuitBreakerOptions options, int poolSize, TimeProvider time)
    {
        Circuit = circuit;
        Budget = budget;
        _options = options;
        _time = time;
        _pace = new RecoveryPace(options, poolSize, time);
        _timer = time.CreateTimer(
            static state => ((AttemptGate)state!).Release(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        circuit.StateChanged += (_, state) => OnChanged(state);
    }

    public DatabaseCircuit Circuit { get; }

    public RetryBudget Budget { get; }

    /// <summary>Number of attempts that wait.</summary>
    public int WaitingCount
    {
        get
        {
            lock (_lock)
                return _line.Count;
        }
    }

    /// <summary>Whether calls that do not say otherwise fail instead of waiting.</summary>
    public bool FailsFast => _options.FailFast;

    /// <summary>Lets an attempt through if it need not wait; a permit other than rejected must be handed back with a report.</summary>
    /// <param name="isPatientRetry">Whether the attempt is a retry of a call that would rather wait than fail.</param>
    /// <param name="retryAfter">Time until the next probe of an open circuit; infinite when there is nothing to wait for.</param>
    public CircuitPermit TryEnter(bool isPatientRetry, out TimeSpan retryAfter)
    {
        if (!isPatientRetry || (!_isBusy && Budget.AllowsRetry))
            return Circuit.TryEnter(out retryAfter);

        retryAfter = TimeSpan.Zero;
        return CircuitPermit.Rejected;
    }

    /// <summary>Bounds a delay before a retry that comes through here, since trials are spaced here for all calls together.</summary>
    public TimeSpan Limit(TimeSpan delay) => delay < _options.MaxBreakDuration ? delay : _options.MaxBreakDuration;

    /// <summary>Waits until an attempt may be made.</summary>
    /// <param name="limit">Longest wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A permit, or rejected when the queue is full, the wait is over or the circuit is isolated. Does not throw.</returns>
    public async ValueTask<CircuitPermit> WaitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        if (limit <= TimeSpan.Zero || Join() is not { } place)
            return CircuitPermit.Rejected;

        Release();
        var waiting = place.Value.Task;
        if (waiting.IsCompleted)
            return await waiting.ConfigureAwait(false);

        var started = _time.GetTimestamp();
        try
        {
            await waiting.WaitAsync(limit < LongestWait ? limit : LongestWait, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            lock (_lock)
            {
                _line.Leave(place);
                Settle();
            }
        }

        var permit = await waiting.ConfigureAwait(false);
        Record(permit, _time.GetElapsedTime(started));
        return permit;
    }

    /// <summary>Tells how an attempt that was let through ended.</summary>
    /// <param name="permit">What it was let through with.</param>
    /// <param name="faults">How often it counts as failed by the database; 0 for success or when the database is not at fault.</param>
    /// <param name="elapsed">Its duration.</param>
    public ValueTask ReportAsync(CircuitPermit permit, int faults, TimeSpan elapsed)
    {
        var report = Circuit.ReportAsync(permit == CircuitPermit.Released ? CircuitPermit.Normal : permit, faults, elapsed);
        return permit == CircuitPermit.Normal && faults == 0 && !_isBusy ? report : FinishAsync(report, permit, faults);
    }

    /// <summary>Hands a permit back without a verdict: the attempt said nothing about the database.</summary>
    public void Abandon(CircuitPermit permit)
    {
        Circuit.Abandon(permit);
        if (permit == CircuitPermit.Released)
        {
            lock (_lock)
            {
                _pace.OnAbandoned();
                Settle();
            }
        }

        if (permit != CircuitPermit.Normal)
            Release();
    }

    /// <summary>Rejects whoever still waits.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _line.RejectAll();
        }

        _timer.Dispose();
    }

    private async ValueTask FinishAsync(ValueTask report, CircuitPermit permit, int faults)
    {
        await report.ConfigureAwait(false);
        lock (_lock)
        {
            if (permit == CircuitPermit.Released)
                _pace.OnEnd();
            var waited = permit != CircuitPermit.Normal;
            if (faults > 0)
                _pace.OnFault(waited);
            else
                _pace.OnAnswer(waited);
            Settle();
        }

        Release();
    }

    private LinkedListNode<TaskCompletionSource<CircuitPermit>>? Join()
    {
        lock (_lock)
        {
            if (_isDisposed || _line.Count >= _options.QueueLimit)
                return null;

            var place = _line.Join();
            Settle();
            return place;
        }
    }

    /// <summary>Lets those through whose time has come, and sets the timer for the next.</summary>
    private void Release()
    {
        while (_isBusy)
        {
            // Outside of the lock: a change of state calls the application's handlers.
            var permit = Circuit.TryEnter(out var wait);
            lock (_lock)
            {
                if (permit == CircuitPermit.Normal && _line.Count > 0)
                    permit = _pace.TryRelease(out wait) ? CircuitPermit.Released : CircuitPermit.Rejected;
                if (permit != CircuitPermit.Rejected && _line.TryLetThrough(permit))
                {
                    Settle();
                    continue;
                }

                if (wait == Timeout.InfiniteTimeSpan)
                    _line.RejectAll();
                else if (_line.Count > 0)
                    _timer.Change(wait, Timeout.InfiniteTimeSpan);
                Settle();
            }

            // A probe that nobody waited for any more.
            Circuit.Abandon(permit);
            return;
        }
    }

    private void OnChanged(CircuitState state)
    {
        if (state == CircuitState.Closed)
        {
            lock (_lock)
            {
                _pace.Start();
                Settle();
            }
        }

        if (state is CircuitState.Closed or CircuitState.Isolated)
            Release();
    }

    private void Settle()
    {
        _isBusy = _pace.IsInDoubt || _line.Count > 0;
        if (!_isBusy)
            _pace.Reset();
    }

    private void Record(CircuitPermit permit, TimeSpan waited)
    {
        if (!ResilienceTelemetry.WaitTime.Enabled)
            return;

        ResilienceTelemetry.WaitTime.Record(
            waited.TotalSeconds,
            new KeyValuePair<string, object?>(ResilienceTelemetry.NodeTag, Circuit.Name),
            new KeyValuePair<string, object?>(ResilienceTelemetry.OutcomeTag, permit == CircuitPermit.Rejected ? "rejected" : "released"));
    }
}
