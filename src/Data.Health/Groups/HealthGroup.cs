using Data.Health.Evaluation;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Groups;

/// <summary>
/// A selection of contributors with one status. The status is computed when a result arrives or becomes stale, not per probe: a probe
/// compares two numbers and reads one field.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class HealthGroup(
    string name,
    TrackedContributor[] members,
    HealthEvaluator evaluator,
    HealthGroupOptions options,
    TimeProvider time)
{
    private readonly TrackedContributor[] _onDemand = [.. members.Where(m => m.Policy.Mode == EvaluationMode.OnDemand)];
    private View _view = new(HealthStatus.Unhealthy, -1, 0);

    public string Name => name;

    public ReadOnlySpan<TrackedContributor> Members => members;

    public bool HasOnDemand => _onDemand.Length > 0;

    public HealthStatus Status
    {
        get
        {
            var view = Volatile.Read(ref _view);
            var now = time.GetTimestamp();
            return view.Version == evaluator.Version && now < view.ValidUntil ? view.Status : Compute(now);
        }
    }

    public int CodeOf(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => options.HealthyStatusCode,
        HealthStatus.Degraded => options.DegradedStatusCode,
        _ => options.UnhealthyStatusCode,
    };

    /// <summary>
    /// Evaluates the members that run on demand and whose last result is older than their period; concurrent callers share it.
    /// </summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        var now = time.GetTimestamp();
        List<Task>? running = null;
        foreach (var member in _onDemand)
        {
            var state = member.State;
            if (state.EvaluatedAtUtc is null || time.GetElapsedTime(state.EvaluatedAt, now) >= member.Policy.Period)
                (running ??= []).Add(member.EvaluateAsync(evaluator.Stopping));
        }

        if (running is not null)
            await Task.WhenAll(running).WaitAsync(cancellation).ConfigureAwait(false);
    }

    private HealthStatus Compute(long now)
    {
        // The version is read first: a result that arrives meanwhile makes this view outdated, and the next probe computes it again.
        var version = evaluator.Version;
        var status = Aggregate.Of(members, now);
        var validUntil = long.MaxValue;
        foreach (var member in members)
        {
            if (member.StaleAt > now)
                validUntil = Math.Min(validUntil, member.StaleAt);
        }

        Volatile.Write(ref _view, new View(status, version, validUntil));
        return status;
    }

    private sealed record View(HealthStatus Status, long Version, long ValidUntil);
}
