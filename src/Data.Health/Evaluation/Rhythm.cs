using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Evaluation;

/// <summary>
/// The time from one evaluation to the next: shorter while the contributor is unhealthy, so that a recovery is seen early, but not for one
/// that has just come up before, or a flapping dependency would flap here too.
/// </summary>
/// <remarks>One evaluation writes at a time; readers see one of the two intervals.</remarks>
internal sealed class Rhythm(ContributorPolicy policy, TimeProvider time)
{
    private const int PeriodsOfTrust = 10;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);
    private HealthStatus? _status;
    private long? _recoveredAt;
    private volatile bool _fast;
    private volatile bool _repeat;

    public TimeSpan Interval => _repeat && policy.RecoveryPeriod > Soon ? Soon : _repeat || _fast ? policy.RecoveryPeriod : policy.Period;

    /// <summary>Asks for another evaluation soon, in place of one that counted for nothing.</summary>
    public void Repeat() => _repeat = true;

    /// <summary>Adds the status after an evaluation.</summary>
    public void See(HealthStatus status)
    {
        _repeat = false;
        if (status == _status)
            return;
        if (status == HealthStatus.Unhealthy)
            _fast = _recoveredAt is not { } at || time.GetElapsedTime(at) >= PeriodsOfTrust * policy.Period;
        else if (_status == HealthStatus.Unhealthy)
            (_fast, _recoveredAt) = (false, time.GetTimestamp());
        _status = status;
    }
}
