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

    /// <summary>Whether it stands for a single contributor, whose existence strangers need not know of.</summary>
    public bool IsContributor { get; init; }

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
    /// Evaluates the members that run on demand and whose last result is too old to be reported again; concurrent callers share it.
    /// </summary>
    public Task RefreshAsync(CancellationToken cancellation)
    {
        var running = Array.ConvertAll(_onDemand, m => m.EvaluateIfDueAsync(everyPeriod: true, evaluator.Stopping));
        return Array.TrueForAll(running, static r => r.IsCompletedSuccessfully)
            ? Task.CompletedTask
            : Task.WhenAll(running).WaitAsync(cancellation);
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
