using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Evaluation;

/// <summary>
/// Takes the place of the framework's service, so that <c>MapHealthChecks</c>, publishers and gRPC health read the evaluated state instead
/// of running every check.
/// </summary>
/// <remarks>
/// Its readers are in the process and get what the checks returned, as they would without it. Contributors without a result yet are
/// evaluated first, and those that nothing evaluates in the background when their result is due.
/// </remarks>
internal sealed class EvaluatedHealthCheckService(HealthEvaluator evaluator, TimeProvider time) : HealthCheckService
{
    public override async Task<HealthReport> CheckHealthAsync(
        Func<HealthCheckRegistration, bool>? predicate, CancellationToken cancellationToken = default)
    {
        var selected = evaluator.Contributors.ToArray().Where(c => predicate?.Invoke(c.Registration) ?? true).ToArray();
        await Task.WhenAll(selected.Select(RefreshAsync)).WaitAsync(cancellationToken).ConfigureAwait(false);

        var now = time.GetTimestamp();
        var entries = new Dictionary<string, HealthReportEntry>(StringComparer.OrdinalIgnoreCase);
        foreach (var contributor in selected)
            entries[contributor.Name] = Entry(contributor, now);
        var longest = entries.Count == 0 ? TimeSpan.Zero : entries.Values.Max(static e => e.Duration);
        return new HealthReport(entries, Aggregate.Of(selected, now), longest);
    }

    private Task RefreshAsync(TrackedContributor contributor) => contributor.EvaluateIfDueAsync(
        everyPeriod: contributor.Policy.Mode == EvaluationMode.OnDemand || !evaluator.IsRunning, evaluator.Stopping);

    private static HealthReportEntry Entry(TrackedContributor contributor, long now)
    {
        var (read, state) = (contributor.Read(now), contributor.State);
        var description = read.Reason switch
        {
            HealthReasons.Stale => "The last result is too old.",
            HealthReasons.TimedOut or HealthReasons.Hung => "A timeout occurred while running check.",
            _ => state.Description ?? state.Exception?.Message,
        };
        return new HealthReportEntry(
            read.Status, description, state.Duration, read.Reason == HealthReasons.Stale ? null : state.Exception, state.Data, read.Tags);
    }
}
