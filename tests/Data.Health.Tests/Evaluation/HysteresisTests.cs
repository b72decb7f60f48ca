using Data.Health.Evaluation;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Tests.Evaluation;

public sealed class HysteresisTests
{
    private const HealthStatus Up = HealthStatus.Healthy;
    private const HealthStatus Half = HealthStatus.Degraded;
    private const HealthStatus Down = HealthStatus.Unhealthy;

    [Fact]
    public void Apply_FirstResult_IsAdoptedAtOnce()
    {
        new Hysteresis(5, 5).Apply(Down, conclusive: false).ShouldBe(Down);
        new Hysteresis(5, 5).Apply(Up, conclusive: false).ShouldBe(Up);
    }

    [Fact]
    public void Apply_OneBlip_DoesNotFlap()
    {
        var hysteresis = new Hysteresis(2, 2);
        HealthStatus[] seen = [Up, Down, Up, Down, Up, Half, Up];
        seen.ShouldAllBe(s => hysteresis.Apply(s, false) == Up);
    }

    [Fact]
    public void Apply_StreakOfThreshold_GoesDownAndComesUp()
    {
        var hysteresis = new Hysteresis(3, 2);
        HealthStatus[] seen = [Up, Down, Down, Down, Up, Up];
        seen.Select(s => hysteresis.Apply(s, false)).ShouldBe([Up, Up, Up, Down, Down, Up]);
    }

    [Fact]
    public void Apply_DegradedThenUnhealthy_AdoptsWhatBothProve()
    {
        var hysteresis = new Hysteresis(2, 2);
        hysteresis.Apply(Up, false);
        hysteresis.Apply(Half, false).ShouldBe(Up);
        hysteresis.Apply(Down, false).ShouldBe(Half);
        hysteresis.Apply(Down, false).ShouldBe(Half);
        hysteresis.Apply(Down, false).ShouldBe(Down);
    }

    [Fact]
    public void Apply_HealthyThenDegradedWhileDown_RisesToDegradedOnly()
    {
        var hysteresis = new Hysteresis(2, 2);
        hysteresis.Apply(Down, false);
        hysteresis.Apply(Up, false).ShouldBe(Down);
        hysteresis.Apply(Half, false).ShouldBe(Half);
    }

    [Fact]
    public void Apply_ConclusiveFailure_NeedsNoStreak()
    {
        var hysteresis = new Hysteresis(10, 2);
        hysteresis.Apply(Up, false);
        hysteresis.Apply(Down, conclusive: true).ShouldBe(Down);
    }

    [Fact]
    public void Pending_UnconfirmedChange_IsTrueUntilSettled()
    {
        var hysteresis = new Hysteresis(2, 2);
        hysteresis.Apply(Up, false);
        hysteresis.Pending.ShouldBeFalse();
        hysteresis.Apply(Down, false);
        hysteresis.Pending.ShouldBeTrue();
        hysteresis.Apply(Up, false);
        hysteresis.Pending.ShouldBeFalse();
    }
}
