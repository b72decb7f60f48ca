using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Evaluation;

/// <summary>
/// Decides when enough results in a row support a change of the status. A change needs a streak in one direction; the new status is the
/// one that the whole streak supports, so a degraded result followed by an unhealthy one gives degraded.
/// </summary>
/// <remarks>Not thread-safe: one evaluation of a contributor runs at a time.</remarks>
internal sealed class Hysteresis(int failureThreshold, int successThreshold)
{
    private HealthStatus? _status;
    private HealthStatus _supported;
    private int _streak;
    private bool _worsening;

    /// <summary>Whether a streak towards another status has begun and is not long enough yet.</summary>
    public bool Pending => _streak > 0;

    /// <summary>Adds a result and returns the status to report.</summary>
    /// <param name="observed">The result.</param>
    /// <param name="conclusive">Whether a worse result needs no confirmation, such as a time-out.</param>
    public HealthStatus Apply(HealthStatus observed, bool conclusive)
    {
        if (_status is not { } current || observed == current)
            return Adopt(observed);

        // HealthStatus counts upwards: Unhealthy 0, Degraded 1, Healthy 2.
        var worse = observed < current;
        if (worse && conclusive)
            return Adopt(observed);

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
        _status = status;
        return status;
    }

    private static HealthStatus Max(HealthStatus a, HealthStatus b) => a > b ? a : b;

    private static HealthStatus Min(HealthStatus a, HealthStatus b) => a < b ? a : b;
}
