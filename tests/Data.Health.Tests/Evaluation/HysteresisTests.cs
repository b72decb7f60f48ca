using Data.Health.Evaluation;
using FsCheck;
using FsCheck.Fluent;
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
        new Hysteresis(5, 5).Apply(Down).ShouldBe(Down);
        new Hysteresis(5, 5).Apply(Up).ShouldBe(Up);
    }

    [Fact]
    public void Apply_OneBlip_DoesNotFlap()
    {
        var hysteresis = new Hysteresis(2, 2);
        HealthStatus[] seen = [Up, Down, Up, Down, Up, Half, Up];
        seen.ShouldAllBe(s => hysteresis.Apply(s) == Up);
    }

    [Fact]
    public void Apply_StreakOfThreshold_GoesDownAndComesUp()
    {
        var hysteresis = new Hysteresis(3, 2);
        HealthStatus[] seen = [Up, Down, Down, Down, Up, Up];
        seen.Select(hysteresis.Apply).ShouldBe([Up, Up, Up, Down, Down, Up]);
    }

    [Fact]
    public void Apply_DegradedThenUnhealthy_AdoptsWhatBothProve()
    {
        var hysteresis = new Hysteresis(2, 2);
        hysteresis.Apply(Up);
        hysteresis.Apply(Half).ShouldBe(Up);
        hysteresis.Apply(Down).ShouldBe(Half);
        hysteresis.Apply(Down).ShouldBe(Half);
        hysteresis.Apply(Down).ShouldBe(Down);
    }

    [Fact]
    public void Apply_HealthyThenDegradedWhileDown_RisesToDegradedOnly()
    {
        var hysteresis = new Hysteresis(2, 2);
        hysteresis.Apply(Down);
        hysteresis.Apply(Up).ShouldBe(Down);
        hysteresis.Apply(Half).ShouldBe(Half);
    }

    [Fact]
    public void Apply_TurnOfDirection_StartsANewStreak()
    {
        var hysteresis = new Hysteresis(2, 2);
        hysteresis.Apply(Half);

        // Up, down, up: no two in one direction follow each other.
        HealthStatus[] turns = [Up, Down, Up, Down];
        turns.ShouldAllBe(s => hysteresis.Apply(s) == Half);
        hysteresis.Apply(Down).ShouldBe(Down);
    }

    [Fact]
    public void Apply_AnySequence_FollowsTheModel() => Prop.ForAll(
        Gen.Elements(Up, Half, Down).ListOf().ToArbitrary(),
        Gen.Choose(1, 5).ToArbitrary(),
        Gen.Choose(1, 5).ToArbitrary(),
        (results, failures, successes) =>
        {
            var hysteresis = new Hysteresis(failures, successes);
            return results.Select(hysteresis.Apply).SequenceEqual(Model([.. results], failures, successes));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    /// <summary>
    /// What the options say: the status changes when the last so many results since the last change were all on one side of it, to the one
    /// among them that is closest to it.
    /// </summary>
    private static IEnumerable<HealthStatus> Model(HealthStatus[] results, int failures, int successes)
    {
        HealthStatus? status = null;
        var since = 0;
        for (var i = 0; i < results.Length; i++)
        {
            var window = results[since..(i + 1)];
            if (status is null)
                (status, since) = (results[i], i + 1);
            else if (window.Length >= failures && window[^failures..].All(r => r < status))
                (status, since) = (window[^failures..].Max(), i + 1);
            else if (window.Length >= successes && window[^successes..].All(r => r > status))
                (status, since) = (window[^successes..].Min(), i + 1);
            yield return status.Value;
        }
    }
}
