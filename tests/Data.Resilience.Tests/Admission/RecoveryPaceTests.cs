using Data.Resilience.Admission;
using Data.Resilience.CircuitBreaking;
using Microsoft.Extensions.Time.Testing;

namespace Data.Resilience.Tests.Admission;

public sealed class RecoveryPaceTests
{
    private const int MaxWindow = 8;
    private readonly FakeTimeProvider _time = new();
    private readonly RecoveryPace _pace;

    public RecoveryPaceTests() => _pace = new RecoveryPace(
        new CircuitBreakerOptions { BreakDuration = TimeSpan.FromMilliseconds(100), MaxBreakDuration = TimeSpan.FromMilliseconds(500) },
        MaxWindow,
        _time);

    [Fact]
    public void TryRelease_TrialsFail_BreaksDoubleUpToTheLongest()
    {
        _pace.OnFault(wasReleased: false);
        var breaks = new List<double>();
        for (var trial = 0; trial < 6; trial++)
        {
            _pace.TryRelease(out var wait).ShouldBe(wait == TimeSpan.Zero);
            breaks.Add(wait.TotalMilliseconds);
            if (wait != TimeSpan.Zero)
            {
                _time.Advance(wait);
                _pace.TryRelease(out _).ShouldBeTrue();
            }

            Fail();
        }

        breaks.ShouldBe([0, 100, 200, 400, 500, 500]);
    }

    [Fact]
    public void TryRelease_TrialUnderWay_ReleasesNoOtherBeforeFourLongestBreaks()
    {
        _pace.OnFault(wasReleased: false);
        _pace.TryRelease(out _).ShouldBeTrue();
        _pace.TryRelease(out var wait).ShouldBeFalse();
        wait.ShouldBe(TimeSpan.FromSeconds(2));

        _time.Advance(wait);
        _pace.TryRelease(out _).ShouldBeTrue();
        _pace.TryRelease(out _).ShouldBeFalse();
    }

    [Fact]
    public void TryRelease_FirstAttemptsKeepFailing_MakesNoTrialUntilOneIsAnswered()
    {
        _pace.OnFault(wasReleased: false);
        _pace.TryRelease(out _);
        Fail();
        for (var call = 0; call < 50; call++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(20));
            _pace.OnFault(wasReleased: false);
            _pace.TryRelease(out _).ShouldBeFalse();
        }

        _pace.OnAnswer(wasReleased: false);
        _pace.TryRelease(out _).ShouldBeTrue("The break is over and the database answers.");
        _pace.TryRelease(out _).ShouldBeFalse("An answer to another call is not that of a trial.");
    }

    [Fact]
    public void TryRelease_TrialsSucceed_ReleasesTwiceAsManyPerRoundUpToThePool()
    {
        _pace.OnFault(wasReleased: false);
        var rounds = new List<int>();
        for (var round = 0; round < 6; round++)
        {
            var released = 0;
            while (_pace.TryRelease(out _))
                released++;
            rounds.Add(released);
            for (var answer = 0; answer < released; answer++)
                Succeed();
        }

        rounds.ShouldBe([1, 2, 4, 8, 8, 8]);
    }

    [Fact]
    public void OnFault_WhileReleasing_GoesBackToOneTrialPerBreak()
    {
        _pace.OnFault(wasReleased: false);
        for (var trial = 0; trial < 3; trial++)
        {
            _pace.TryRelease(out _).ShouldBeTrue();
            Succeed();
        }

        _pace.OnFault(wasReleased: false);
        _pace.TryRelease(out var wait).ShouldBeFalse();
        wait.ShouldBe(TimeSpan.FromMilliseconds(100));
        _time.Advance(wait);
        _pace.TryRelease(out _).ShouldBeTrue();
        _pace.TryRelease(out _).ShouldBeFalse();
    }

    [Fact]
    public void Reset_AfterTrouble_StartsWithoutABreak()
    {
        _pace.OnFault(wasReleased: false);
        _pace.TryRelease(out _);
        Fail();
        _pace.OnAnswer(wasReleased: false);
        _pace.Reset();

        _pace.OnFault(wasReleased: false);
        _pace.TryRelease(out _).ShouldBeTrue();
    }

    private void Fail()
    {
        _pace.OnEnd();
        _pace.OnFault(wasReleased: true);
    }

    private void Succeed()
    {
        _pace.OnEnd();
        _pace.OnAnswer(wasReleased: true);
    }
}
