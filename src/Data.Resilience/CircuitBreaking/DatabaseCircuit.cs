using Data.Resilience.Internal;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;

namespace Data.Resilience.CircuitBreaking;

/// <summary>
/// The breaker of one data source: one Polly circuit over failures, one over slowness, and a gate in front that costs nanoseconds.
/// </summary>
/// <remarks>
/// Polly's strategies decide every change of state; they are told the outcome of a session after it ended instead of being wrapped around
/// it, which keeps their delegates, contexts and exceptions out of the session's path. What wrapping would add, one probe at a time, is the
/// gate's own; a probe that lasts, such as a long report, stops holding back the next one after <see cref="ProbeBreaks"/> longest breaks.
/// <see cref="_blockedUntil"/> is written under Polly's lock by the break-duration generator, before the circuit is seen open.
/// </remarks>
internal sealed class DatabaseCircuit : IDatabaseCircuit
{
    /// <summary>Number of longest breaks after which a probe without an outcome is joined by another.</summary>
    public const int ProbeBreaks = 4;

    private const int MaxBatch = 8;
    private const long Closed = 0;
    private const long Isolated = long.MaxValue;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CircuitBreakerOptions _options;
    private readonly CircuitBreakerManualControl _control = new();
    private readonly CircuitBreakerStateProvider _failureState = new();
    private readonly CircuitBreakerStateProvider _slowState = new();
    private readonly ResiliencePipeline<bool> _failures;
    private readonly ResiliencePipeline<bool> _slowness;
    private readonly SuccessBatch _successes;
    private long _blockedUntil;
    private long _probeUntil;

    public DatabaseCircuit(string name, CircuitBreakerOptions options, TimeProvider time, ILogger logger)
    {
        Name = name;
        _options = options;
        _time = time;
        _logger = logger;
        _successes = new SuccessBatch(Math.Min(MaxBatch, options.MinimumThroughput), options.SamplingDuration, time);
        _failures = Build(options.FailureRatio, _failureState);
        _slowness = Build(options.SlowRatio, _slowState);
    }

    public event EventHandler<CircuitState>? StateChanged;

    public string Name { get; }

    public CircuitState State => Volatile.Read(ref _blockedUntil) switch
    {
        Closed => CircuitState.Closed,
        Isolated => CircuitState.Isolated,
        _ => Volatile.Read(ref _probeUntil) != 0 ? CircuitState.HalfOpen : CircuitState.Open,
    };

    public TimeSpan RetryAfter => Volatile.Read(ref _blockedUntil) switch
    {
        Closed => TimeSpan.Zero,
        Isolated => Timeout.InfiniteTimeSpan,
        var until => Remaining(Math.Max(until, Volatile.Read(ref _probeUntil))),
    };

    /// <summary>Lets a session through or not; a permit other than rejected must be handed back with a report.</summary>
    public CircuitPermit TryEnter(out TimeSpan retryAfter)
    {
        retryAfter = TimeSpan.Zero;
        var until = Volatile.Read(ref _blockedUntil);
        if (until == Closed || !_options.Enabled)
            return CircuitPermit.Normal;

        var probe = Volatile.Read(ref _probeUntil);
        retryAfter = until == Isolated ? Timeout.InfiniteTimeSpan : Remaining(Math.Max(until, probe));
        if (retryAfter != TimeSpan.Zero)
            return CircuitPermit.Rejected;

        var probeUntil = After(ProbeBreaks * _options.MaxBreakDuration);
        if (Interlocked.CompareExchange(ref _probeUntil, probeUntil, probe) != probe)
            return CircuitPermit.Rejected;

        // The circuit may have been closed or opened again between the two reads.
        until = Volatile.Read(ref _blockedUntil);
        if (until == Closed || until == Isolated || Remaining(until) > TimeSpan.Zero)
        {
            Volatile.Write(ref _probeUntil, 0);
            return until == Closed ? CircuitPermit.Normal : CircuitPermit.Rejected;
        }

        Raise(CircuitState.HalfOpen);
        return CircuitPermit.Probe;
    }

    /// <summary>Tells how a session that was let through ended.</summary>
    /// <param name="permit">What it was let through with.</param>
    /// <param name="faults">How often it counts as failed by the database; 0 for success or when the database is not at fault.</param>
    /// <param name="elapsed">Its duration.</param>
    public ValueTask ReportAsync(CircuitPermit permit, int faults, TimeSpan elapsed)
    {
        // Sessions that began before the circuit opened say nothing about whether the database is back.
        if (!_options.Enabled || (permit != CircuitPermit.Probe && Volatile.Read(ref _blockedUntil) != Closed))
            return ValueTask.CompletedTask;

        var isSlow = elapsed >= _options.SlowThreshold;
        if (permit == CircuitPermit.Normal && faults == 0 && !isSlow)
            return _successes.Add() is var count and > 0 ? TellAsync(permit, count, faults, isSlow) : ValueTask.CompletedTask;

        return TellAsync(permit, _successes.Take(), faults, isSlow, isOneMore: true);
    }

    /// <summary>Hands a permit back without a verdict: the session said nothing about the database.</summary>
    public void Abandon(CircuitPermit permit)
    {
        if (permit == CircuitPermit.Probe)
            Volatile.Write(ref _probeUntil, 0);
    }

    public async Task IsolateAsync(CancellationToken cancellationToken = default)
    {
        await _control.IsolateAsync(cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _blockedUntil, Isolated);
        Raise(CircuitState.Isolated);
    }

    public async Task CloseAsync(CancellationToken cancellationToken = default)
    {
        await _control.CloseAsync(cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _blockedUntil, Closed);
        Raise(CircuitState.Closed);
    }

    private static ValueTask Tell(ResiliencePipeline<bool> pipeline, bool bad)
    {
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false);
        var told = pipeline.ExecuteOutcomeAsync(static (_, bad) => new ValueTask<Outcome<bool>>(Outcome.FromResult(bad)), context, bad);
        if (!told.IsCompletedSuccessfully)
            return Finish(told, context);

        ResilienceContextPool.Shared.Return(context);
        return ValueTask.CompletedTask;

        static async ValueTask Finish(ValueTask<Outcome<bool>> told, ResilienceContext context)
        {
            await told.ConfigureAwait(false);
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <summary>Tells Polly of successes that waited and then, if there is one more session to tell of, of that.</summary>
    private async ValueTask TellAsync(CircuitPermit permit, int successes, int faults, bool isSlow, bool isOneMore = false)
    {
        for (var told = 0; told < successes; told++)
        {
            await Tell(_failures, bad: false).ConfigureAwait(false);
            await Tell(_slowness, bad: false).ConfigureAwait(false);
        }

        if (!isOneMore)
            return;

        await Tell(_failures, faults > 0).ConfigureAwait(false);
        if (faults == 0)
            await Tell(_slowness, isSlow).ConfigureAwait(false);
        for (var more = 1; more < faults && permit == CircuitPermit.Normal; more++)
            await Tell(_failures, bad: true).ConfigureAwait(false);

        if (permit != CircuitPermit.Probe)
            return;

        var isClosed = _failureState.CircuitState == CircuitState.Closed && _slowState.CircuitState == CircuitState.Closed;
        var until = Volatile.Read(ref _blockedUntil);
        var closes = isClosed && until is not (Isolated or Closed)
            && Interlocked.CompareExchange(ref _blockedUntil, Closed, until) == until;
        Volatile.Write(ref _probeUntil, 0);
        if (closes)
            Raise(CircuitState.Closed);
    }

    private ResiliencePipeline<bool> Build(double ratio, CircuitBreakerStateProvider state) =>
        new ResiliencePipelineBuilder<bool> { TimeProvider = _time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<bool>
            {
                ShouldHandle = static arguments => new ValueTask<bool>(arguments.Outcome.Result),
                FailureRatio = ratio,
                MinimumThroughput = _options.MinimumThroughput,
                SamplingDuration = _options.SamplingDuration,
                BreakDurationGenerator = Break,
                ManualControl = _control,
                StateProvider = state,
                OnOpened = arguments =>
                {
                    if (!arguments.IsManual)
                        Raise(CircuitState.Open);
                    return ValueTask.CompletedTask;
                },
            })
            .Build();

    private ValueTask<TimeSpan> Break(BreakDurationGeneratorArguments arguments)
    {
        var ticks = _options.BreakDuration.Ticks * Math.Pow(2, arguments.HalfOpenAttempts);
        var duration = TimeSpan.FromTicks((long)Math.Min(_options.MaxBreakDuration.Ticks, ticks));
        if (Volatile.Read(ref _blockedUntil) != Isolated)
            Volatile.Write(ref _blockedUntil, After(duration));

        return ValueTask.FromResult(duration);
    }

    private long After(TimeSpan duration) => _time.GetTimestamp() + (long)(duration.TotalSeconds * _time.TimestampFrequency);

    private TimeSpan Remaining(long until)
    {
        var now = _time.GetTimestamp();
        return now >= until ? TimeSpan.Zero : _time.GetElapsedTime(now, until);
    }

    /// <summary>That an outage began and ended is news; the probes in between, two a second, are not.</summary>
    private LogLevel LevelOf(CircuitState state) => state switch
    {
        CircuitState.HalfOpen => LogLevel.Debug,
        CircuitState.Open when Volatile.Read(ref _probeUntil) != 0 => LogLevel.Debug,
        CircuitState.Closed => LogLevel.Information,
        _ => LogLevel.Warning,
    };

    private void Raise(CircuitState state)
    {
        var level = LevelOf(state);
        CircuitLog.Changed(_logger, level, Name, state);
        ResilienceTelemetry.CircuitChanges.Add(
            1,
            new KeyValuePair<string, object?>(ResilienceTelemetry.NodeTag, Name),
            new KeyValuePair<string, object?>(ResilienceTelemetry.StateTag, state.ToString()));
        try
        {
            StateChanged?.Invoke(this, state);
        }
        catch (Exception exception)
        {
            // An observer's mistake must not decide whether sessions run.
            CircuitLog.HandlerFailed(_logger, exception);
        }
    }
}
