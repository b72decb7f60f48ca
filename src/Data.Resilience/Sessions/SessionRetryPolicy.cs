using Data.Resilience.Connections;
using Data.Resilience.Internal;
using Data.Resilience.Transience;

namespace Data.Resilience.Sessions;

/// <summary>Decides whether a failed attempt is followed by another.</summary>
internal static class SessionRetryPolicy
{
    /// <summary>Returns the delay before the next attempt, or null when the failure goes to the caller.</summary>
    /// <param name="services">The factory's services.</param>
    /// <param name="node">The node that failed.</param>
    /// <param name="options">The session's options.</param>
    /// <param name="verdict">What was found about the failure.</param>
    /// <param name="attempt">The number of the failed attempt, 1 for the first.</param>
    /// <param name="started">When the session began.</param>
    public static TimeSpan? NextDelay(
        SessionServices services, DatabaseNode node, DbSessionOptions options, FailureVerdict verdict, int attempt, long started)
    {
        var limit = verdict switch
        {
            FailureVerdict.Never or FailureVerdict.NeverTimedOut or FailureVerdict.Ambiguous => 0,
            FailureVerdict.OptIn when !options.RetryUniqueViolations => 0,
            FailureVerdict.RetryTransaction or FailureVerdict.OptIn =>
                options.MaxRetryAttempts ?? Math.Min(services.Retry.MaxConflictRetryAttempts, services.Retry.MaxRetryAttempts),
            FailureVerdict.RetryResource =>
                Math.Min(services.Retry.MaxResourceRetryAttempts, options.MaxRetryAttempts ?? services.Retry.MaxRetryAttempts),
            _ => options.MaxRetryAttempts ?? services.Retry.MaxRetryAttempts,
        };
        if (attempt > limit)
            return null;

        var failsFast = options.FailFast ?? node.Gate.FailsFast;
        var delay = services.Backoff.Next(attempt);
        if (!failsFast && IsAway(verdict))
            delay = node.Gate.Limit(delay);
        if (services.Time.GetElapsedTime(started) + delay >= (options.TotalTimeout ?? services.Retry.TotalTimeout))
            return null;
        if (!failsFast || node.Budget.AllowsRetry)
            return delay;

        ResilienceTelemetry.RetriesDenied.Add(1, new KeyValuePair<string, object?>(ResilienceTelemetry.NodeTag, node.Name));
        SessionLog.BudgetSpent(services.Logger, node.Name);
        return null;
    }

    /// <summary>Whether the database was not there, rather than there and unable.</summary>
    private static bool IsAway(FailureVerdict verdict) => verdict
        is FailureVerdict.RetryNothingRan or FailureVerdict.RetryLostSession or FailureVerdict.RetryHosts or FailureVerdict.Reroute;
}
