using Data.Health.Evaluation;
using Microsoft.Extensions.Time.Testing;

namespace Data.Health.Tests.Evaluation;

public sealed class HungRunsTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void MayStart_RunsHang_AllowsFewerAttemptsAfterLongerPausesUpToTheLimit()
    {
        var hung = new HungRuns(3, TimeSpan.FromMinutes(1), _time);
        hung.MayStart().ShouldBeTrue();
        hung.Add(Hanging());
        Advance(59).ShouldBeFalse();
        Advance(1).ShouldBeTrue();
        bool Advance(int seconds)
        {
            _time.Advance(TimeSpan.FromSeconds(seconds));
            return hung.MayStart();
        }

        hung.Add(Hanging());
        Advance(119).ShouldBeFalse();
        Advance(1).ShouldBeTrue();
        hung.Add(Hanging());
        Advance(100_000).ShouldBeFalse();
        hung.Count.ShouldBe(3);
    }

    [Fact]
    public void MayStart_OneOfTheRunsEnds_AllowsTheNextAtOnce()
    {
        var hung = new HungRuns(2, TimeSpan.FromMinutes(1), _time);
        var first = new TaskCompletionSource();
        hung.Add(first.Task);
        hung.Add(Hanging());
        hung.MayStart().ShouldBeFalse();

        first.SetException(new IOException());
        hung.MayStart().ShouldBeTrue();
        hung.Count.ShouldBe(1);
        hung.MayStart().ShouldBeFalse("only the end of a run is a sign of life, not that it has ended before");
    }

    [Fact]
    public void Clear_AfterARunThatEnded_StartsTheCountAnew()
    {
        var hung = new HungRuns(1, TimeSpan.FromMinutes(1), _time);
        hung.Add(Hanging());
        hung.MayStart().ShouldBeFalse();
        hung.Clear();
        hung.MayStart().ShouldBeTrue();
        hung.Add(Hanging());
        hung.MayStart().ShouldBeFalse();
    }

    private static Task Hanging() => new TaskCompletionSource().Task;
}
