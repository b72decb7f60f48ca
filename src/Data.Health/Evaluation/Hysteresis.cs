using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Evaluation;

/// <summary>
/// Decides when enough evaluations in a row support a change of the status. A change needs a streak in one direction; the new status is the
/// one that the whole streak supports, so a degraded evaluation followed by an unhealthy one gives degraded.
/// </summary>
/// <remarks>Not thread-safe: one evaluation of a contributor runs at a time.</remarks>
internal sealed class Hysteresis(int failureThreshold, int successThreshold)
{
    private HealthStatus _supported;
    private int _streak;
    private bool _worsening;

    /// <summary>The status to report; <see langword="null"/> before the first evaluation.</summary>
    public HealthStatus? Status { get; private set; }

    /// <summary>Adds an evaluation and returns the status to report. The first one is adopted as it is.</summary>
    public HealthStatus Apply(HealthStatus observed)
    {
        if (Status is not { } current || observed == current)
            return Adopt(observed);

        // HealthStatus counts upwards: Unhealthy 0, Degraded 1, Healthy 2.
        var worse = observed < current;
        if (_streak == 0 || _worsening != worse)
        {
            _streak = 0;
            _worsening = worse;
            _supported = observed;
        }

        _streak++;
        _supported = worse ? Max(_supported, observed) : Min(_supported, observed);
        return _streak >= (worse ? failureThreshold : successThreshold) ? Adopt(_supported) : current;
    }

    private HealthStatus Adopt(HealthStatus status)
    {
        _streak = 0;
        Status = status;
        return status;
    }

    private static HealthStatus Max(HealthStatus a, HealthStatus b) => a > b ? a : b;

    private static HealthStatus Min(HealthStatus a, HealthStatus b) => a < b ? a : b;
}
