using Data.Health.Evaluation;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace Data.Health.Tests.Evaluation;

public sealed class RhythmTests
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(2);
    private readonly FakeTimeProvider _time = new();
    private readonly Rhythm _rhythm;

    public RhythmTests() => _rhythm = new Rhythm(new ContributorPolicyBuilder().Build(), _time);

    [Fact]
    public void Interval_WhileUnhealthy_IsTheRecoveryPeriod()
    {
        _rhythm.Interval.ShouldBe(Period);
        See(HealthStatus.Degraded).ShouldBe(Period);
        See(HealthStatus.Unhealthy).ShouldBe(Recovery);
        See(HealthStatus.Unhealthy).ShouldBe(Recovery);
        See(HealthStatus.Healthy).ShouldBe(Period);
    }

    [Fact]
    public void Interval_DownAgainWithinTenPeriods_StaysThePeriod()
    {
        See(HealthStatus.Unhealthy);
        See(HealthStatus.Degraded);
        _time.Advance((10 * Period) - TimeSpan.FromTicks(1));
        See(HealthStatus.Healthy).ShouldBe(Period);
        See(HealthStatus.Unhealthy).ShouldBe(Period);
        _time.Advance(TimeSpan.FromHours(1));
        See(HealthStatus.Unhealthy).ShouldBe(Period, "the recovery was just before this outage, however long it takes");
    }

    [Fact]
    public void Interval_DownAgainAfterTenPeriods_IsTheRecoveryPeriodAgain()
    {
        See(HealthStatus.Unhealthy);
        See(HealthStatus.Healthy);
        _time.Advance(10 * Period);
        See(HealthStatus.Unhealthy).ShouldBe(Recovery);
    }

    [Fact]
    public void Repeat_EvaluationCountedForNothing_AsksForOneWithinASecondUntilOneCounts()
    {
        _rhythm.Repeat();
        _rhythm.Interval.ShouldBe(TimeSpan.FromSeconds(1));
        See(HealthStatus.Healthy).ShouldBe(Period);
        _rhythm.Repeat();
        See(HealthStatus.Healthy).ShouldBe(Period);
        var quick = new Rhythm(new ContributorPolicyBuilder { Period = TimeSpan.FromMilliseconds(20) }.Build(), _time);
        quick.Repeat();
        quick.Interval.ShouldBe(TimeSpan.FromMilliseconds(20));
    }

    [Theory]
    [InlineData(0.02, 0.02)]
    [InlineData(1, 1)]
    [InlineData(3, 1)]
    [InlineData(10, 2)]
    [InlineData(3600, 60)]
    public void RecoveryPeriod_NotSet_IsAFifthOfThePeriodWithinItsBounds(double period, double expected) =>
        new ContributorPolicyBuilder { Period = TimeSpan.FromSeconds(period) }.Build().RecoveryPeriod
            .ShouldBe(TimeSpan.FromSeconds(expected));

    private TimeSpan See(HealthStatus status)
    {
        _rhythm.See(status);
        return _rhythm.Interval;
    }
}
