using Data.Health.History;
using Data.Health.Internal;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Data.Health.Evaluation;

/// <summary>
/// One contributor: evaluates its check, applies hysteresis and publishes the outcome as one immutable state. See design.md.
/// </summary>
/// <remarks>Thread-safe: any number of callers of <see cref="EvaluateAsync"/> share one evaluation.</remarks>
internal sealed class TrackedContributor(
    HealthCheckRegistration registration,
    ContributorPolicy policy,
    CheckRunner runner,
    ChangeReporter reporter,
    TimeProvider time,
    ILogger logger)
{
    private readonly Hysteresis _hysteresis = new(policy.FailureThreshold, policy.SuccessThreshold);
    private readonly Rhythm _rhythm = new(policy, time);
    private readonly Lock _lock = new();
    private readonly Lock _changes = new();
    private ContributorState _state = ContributorState.Initial(time.GetTimestamp());
    private bool _toldStale;
    private Task? _evaluation;
    private long _beat = time.GetTimestamp();

    public HealthCheckRegistration Registration { get; } = registration;

    public string Name => Registration.Name;

    public ContributorPolicy Policy { get; } = policy;

    public ChangeLog History => reporter.History;

    public ContributorState State => Volatile.Read(ref _state);

    /// <summary>Called after each published state and each change; the change is null if the status is the same.</summary>
    public Action<TrackedContributor, HealthChange?>? Published { get; set; }

    /// <summary>Timestamp of the last iteration of the evaluation loop, or of its first one to come.</summary>
    public long LastBeat => Volatile.Read(ref _beat);

    /// <summary>Timestamp at which the current state becomes stale.</summary>
    public long StaleAt => State.EvaluatedAt + Timestamps.Of(Policy.MaxAge, time);

    /// <summary>Returns the state at a timestamp; a result that is too old is a failure.</summary>
    public ContributorHealth Read(long now)
    {
        var state = State;
        var stale = state.EvaluatedAtUtc is not null && now >= state.EvaluatedAt + Timestamps.Of(Policy.MaxAge, time);
        return new ContributorHealth(
            Name,
            stale ? HealthStatus.Unhealthy : state.Status,
            stale ? HealthReasons.Stale : state.Reason,
            stale || !Policy.ShowDescription || state.Exception is not null ? null : state.Description,
            Policy.Critical,
            Policy.Tags,
            state.Duration,
            time.GetElapsedTime(state.EvaluatedAt, now),
            state.EvaluatedAtUtc,
            state.Since,
            Policy.ShowDescription ? state.Data : WithoutTexts(state.Data));
    }

    /// <summary>Evaluates once per period until stopped. Periods missed during a long evaluation are skipped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var next = time.GetTimestamp() + Timestamps.Of(Policy.Delay, time);
        if (Policy.Delay > TimeSpan.Zero)
        {
            Volatile.Write(ref _beat, next);
            await Task.Delay(Policy.Delay, time, stop).ConfigureAwait(false);
        }

        // The first turn leaves a result that a reader has caused in the meantime.
        for (var first = true; !stop.IsCancellationRequested; first = false)
        {
            Volatile.Write(ref _beat, time.GetTimestamp());
            if (Policy.Mode == EvaluationMode.Background)
                await (first ? EvaluateIfDueAsync(everyPeriod: false, stop) : EvaluateAsync(stop)).ConfigureAwait(false);

            var interval = Timestamps.Of(_rhythm.Interval, time);
            var now = time.GetTimestamp();
            next += interval * Math.Max(1, (now - next + interval - 1) / interval);
            await Task.Delay(Timestamps.Until(next, now, time), time, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Evaluates now, or joins the evaluation in progress.</summary>
    public Task EvaluateAsync(CancellationToken stop)
    {
        lock (_lock)
        {
            if (_evaluation is not { IsCompleted: false })
                _evaluation = EvaluateOnceAsync(stop);
            return _evaluation;
        }
    }

    /// <summary>
    /// Evaluates if there is no result yet, or for a contributor that no loop evaluates if the last one is a period old, or joins the
    /// evaluation in progress.
    /// </summary>
    public Task EvaluateIfDueAsync(bool everyPeriod, CancellationToken stop)
    {
        // Judged under the lock: an evaluation that has just ended must not be followed by another.
        lock (_lock)
        {
            var state = State;
            var due = state.EvaluatedAtUtc is null || (everyPeriod && time.GetElapsedTime(state.EvaluatedAt) >= _rhythm.Interval);
            return due ? EvaluateAsync(stop) : Task.CompletedTask;
        }
    }

    /// <summary>Tells of a state that has become stale, once; the next result ends it.</summary>
    public void TellIfStale(long now)
    {
        HealthChange? change;
        lock (_changes)
        {
            var state = State;
            if (_toldStale || state.EvaluatedAtUtc is null || now < StaleAt)
                return;
            _toldStale = true;
            change = reporter.Changed(state.Status, HealthStatus.Unhealthy, HealthReasons.Stale, "the evaluation is late");
        }

        Published?.Invoke(this, change);
    }

    /// <summary>
    /// One evaluation: a run, and if it is worse than the status, a second one to confirm it, both within one time-out. So a failure is
    /// certain at the latest one time-out after the evaluation began.
    /// </summary>
    private async Task EvaluateOnceAsync(CancellationToken stop)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var deadline = time.GetTimestamp() + Timestamps.Of(Policy.Timeout, time);
        var seen = await runner.RunAsync(Policy.Timeout, stop).ConfigureAwait(false);
        if (seen.Status < _hysteresis.Status && !seen.Conclusive
            && Timestamps.Until(deadline, time.GetTimestamp(), time) > Policy.ConfirmationDelay)
        {
            await Task.Delay(Policy.ConfirmationDelay, time, stop).ConfigureAwait(false);
            var left = Timestamps.Until(deadline, time.GetTimestamp(), time);
            var again = left > TimeSpan.Zero ? await runner.RunAsync(left, stop).ConfigureAwait(false) : seen;
            seen = again.Status > seen.Status ? again : seen;
        }

        if (!seen.Discounted)
        {
            Publish(seen);
            return;
        }

        _rhythm.Repeat();
        HealthLog.Discounted(logger, Name, seen.Reason);
    }

    private void Publish(Observation seen)
    {
        if (seen.Status == HealthStatus.Unhealthy && logger.IsEnabled(LogLevel.Debug))
            HealthLog.CheckFailed(logger, Name, seen.Reason, CauseText.Of(seen.Exception, seen.Description));
        reporter.Evaluated(seen);
        HealthChange? change = null;
        lock (_changes)
        {
            var before = State;
            var from = before.EvaluatedAtUtc is null ? (HealthStatus?)null : _toldStale ? HealthStatus.Unhealthy : before.Status;
            var status = _hysteresis.Apply(seen.Status);
            var now = time.GetUtcNow();
            var state = status == seen.Status || status != before.Status || from is null
                ? new ContributorState(
                    status,
                    seen.Reason,
                    seen.Description,
                    seen.Exception,
                    seen.Data,
                    seen.Duration,
                    time.GetTimestamp(),
                    now,
                    status == from ? before.Since : now)
                // While a change awaits more evaluations, reason and data stay with the status that they explain.
                : before with { EvaluatedAt = time.GetTimestamp(), EvaluatedAtUtc = now };
            _rhythm.See(status);
            _toldStale = false;
            Volatile.Write(ref _state, state);
            if (status != from)
                change = reporter.Changed(from, status, state.Reason, Cause(state));
        }

        Published?.Invoke(this, change);
    }

    private static string Cause(ContributorState state) =>
        state.Status == HealthStatus.Healthy ? "" : CauseText.Of(state.Exception, state.Description);

    private static IReadOnlyDictionary<string, object> WithoutTexts(IReadOnlyDictionary<string, object> data) =>
        data.Values.Any(static v => v is string)
            ? data.Where(static d => d.Value is not string).ToDictionary(StringComparer.Ordinal)
            : data;
}
