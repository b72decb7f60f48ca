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
    string name,
    ContributorPolicy policy,
    CheckRunner runner,
    int historyCount,
    TimeProvider time,
    HealthMetrics metrics,
    ILogger logger)
{
    private readonly Hysteresis _hysteresis = new(policy.FailureThreshold, policy.SuccessThreshold);
    private readonly Lock _lock = new();
    private ContributorState _state = ContributorState.Initial(time.GetTimestamp());
    private Task? _evaluation;
    private long _beat = time.GetTimestamp();

    public string Name { get; } = name;

    public ContributorPolicy Policy { get; } = policy;

    public ChangeLog History { get; } = new(historyCount);

    public ContributorState State => Volatile.Read(ref _state);

    /// <summary>Called after each published state; the change is null if the status is the same.</summary>
    public Action<TrackedContributor, HealthChange?>? Published { get; set; }

    /// <summary>Timestamp of the last iteration of the evaluation loop.</summary>
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
            stale || !Policy.ShowDescription ? null : state.Description,
            Policy.Critical,
            Policy.Tags,
            state.Duration,
            time.GetElapsedTime(state.EvaluatedAt, now),
            state.EvaluatedAtUtc,
            state.Since,
            state.Data);
    }

    /// <summary>Evaluates once per period until stopped. Periods missed during a long evaluation are skipped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var period = Timestamps.Of(Policy.Period, time);
        var next = time.GetTimestamp();
        while (!stop.IsCancellationRequested)
        {
            Volatile.Write(ref _beat, time.GetTimestamp());
            if (Policy.Mode == EvaluationMode.Background)
                await EvaluateAsync(stop).ConfigureAwait(false);

            var now = time.GetTimestamp();
            next += period * Math.Max(1, (now - next + period - 1) / period);
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
    /// One evaluation: a run, and while its result asks for a change that is not yet confirmed, more runs, all within one time-out. So
    /// a failure is certain at the latest one time-out after the period began.
    /// </summary>
    private async Task EvaluateOnceAsync(CancellationToken stop)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var deadline = time.GetTimestamp() + Timestamps.Of(Policy.Timeout, time);
        while (true)
        {
            var budget = Timestamps.Until(deadline, time.GetTimestamp(), time);
            var seen = await runner.RunAsync(budget > TimeSpan.Zero ? budget : Policy.Timeout, stop).ConfigureAwait(false);
            var left = Timestamps.Until(deadline, time.GetTimestamp(), time);
            var last = left <= Policy.ConfirmationDelay;
            Publish(seen, seen.Conclusive || last);
            if (!_hysteresis.Pending || last)
                return;
            await Task.Delay(Policy.ConfirmationDelay, time, stop).ConfigureAwait(false);
        }
    }

    private void Publish(Observation seen, bool conclusive)
    {
        var before = State;
        var status = _hysteresis.Apply(seen.Status, conclusive);
        var first = before.EvaluatedAtUtc is null;
        var changed = first || status != before.Status;
        var now = time.GetUtcNow();

        // While a change awaits confirmation, reason and data stay with the status that they explain.
        var settled = status == seen.Status;
        var state = settled || changed
            ? new ContributorState(
                status,
                seen.Reason,
                seen.Description,
                seen.Data,
                seen.Duration,
                time.GetTimestamp(),
                now,
                changed ? now : before.Since)
            : before with { EvaluatedAt = time.GetTimestamp(), EvaluatedAtUtc = now };
        Volatile.Write(ref _state, state);

        metrics.Evaluated(Name, seen.Duration, seen.Reason);
        HealthChange? change = null;
        if (changed)
        {
            change = new HealthChange(Name, first ? null : before.Status, status, seen.Reason, Policy.Critical, now);
            History.Add(change);
            if (!first)
            {
                metrics.Changed(Name, before.Status, status);
                var level = status == HealthStatus.Healthy ? LogLevel.Information : LogLevel.Warning;
                HealthLog.StatusChanged(logger, level, Name, before.Status, status, seen.Reason);
            }
        }

        Published?.Invoke(this, change);
    }
}
