using Data.Resilience.CircuitBreaking;
using Data.Resilience.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Polly.CircuitBreaker;

namespace Data.Resilience.Tests.CircuitBreaking;

public sealed class DatabaseCircuitTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly CircuitBreakerOptions _options = new()
    {
        MinimumThroughput = 10,
        SlowThreshold = TimeSpan.FromSeconds(1),
        BreakDuration = TimeSpan.FromSeconds(1),
        MaxBreakDuration = TimeSpan.FromSeconds(30),
    };

    [Fact]
    public async Task ReportAsync_FailureRatioReached_OpensAndTellsTheTimeOfTheNextProbe()
    {
        var circuit = Create();
        await Fail(circuit, 10);

        circuit.State.ShouldBe(CircuitState.Open);
        circuit.TryEnter(out var retryAfter).ShouldBe(CircuitPermit.Rejected);
        retryAfter.ShouldBe(_options.BreakDuration);

        _time.Advance(TimeSpan.FromMilliseconds(400));
        circuit.TryEnter(out retryAfter);
        retryAfter.ShouldBe(TimeSpan.FromMilliseconds(600));
    }

    [Fact]
    public async Task ReportAsync_BelowMinimumThroughput_StaysClosed()
    {
        var circuit = Create();
        await Fail(circuit, 9);
        circuit.State.ShouldBe(CircuitState.Closed);
    }

    [Fact]
    public async Task ReportAsync_SlowSessions_Open()
    {
        var circuit = Create();
        for (var session = 0; session < 10; session++)
            await circuit.ReportAsync(Enter(circuit), faults: 0, TimeSpan.FromSeconds(2));

        circuit.State.ShouldBe(CircuitState.Open);
    }

    [Fact]
    public async Task ReportAsync_SuccessesBeforeFailures_AllCount()
    {
        var circuit = Create();
        for (var session = 0; session < 21; session++)
            await circuit.ReportAsync(Enter(circuit), faults: 0, TimeSpan.Zero);

        await Fail(circuit, 20);
        circuit.State.ShouldBe(CircuitState.Closed);
        await Fail(circuit, 1);
        circuit.State.ShouldBe(CircuitState.Open);
    }

    [Fact]
    public async Task ReportAsync_SuccessesOlderThanTheWindow_DoNotCount()
    {
        var circuit = Create();
        for (var session = 0; session < 21; session++)
            await circuit.ReportAsync(Enter(circuit), faults: 0, TimeSpan.Zero);
        _time.Advance(_options.SamplingDuration + TimeSpan.FromSeconds(1));

        await Fail(circuit, 9);
        circuit.State.ShouldBe(CircuitState.Closed);
        await Fail(circuit, 1);
        circuit.State.ShouldBe(CircuitState.Open);
    }

    [Fact]
    public async Task ReportAsync_FaultOfWeightTwo_CountsTwice()
    {
        var circuit = Create();
        for (var session = 0; session < 5; session++)
            await circuit.ReportAsync(Enter(circuit), faults: 2, TimeSpan.Zero);

        circuit.State.ShouldBe(CircuitState.Open);
    }

    [Fact]
    public async Task TryEnter_BreakOver_LetsOneProbeThroughAndItsSuccessCloses()
    {
        var circuit = Create();
        var states = new List<CircuitState>();
        circuit.StateChanged += (_, state) => states.Add(state);
        await Fail(circuit, 10);
        _time.Advance(TimeSpan.FromSeconds(1));

        var probe = circuit.TryEnter(out _);
        probe.ShouldBe(CircuitPermit.Probe);
        circuit.State.ShouldBe(CircuitState.HalfOpen);
        circuit.TryEnter(out _).ShouldBe(CircuitPermit.Rejected);

        await circuit.ReportAsync(probe, faults: 0, TimeSpan.Zero);
        circuit.State.ShouldBe(CircuitState.Closed);
        circuit.TryEnter(out _).ShouldBe(CircuitPermit.Normal);
        states.ShouldBe([CircuitState.Open, CircuitState.HalfOpen, CircuitState.Closed]);
    }

    [Fact]
    public async Task ReportAsync_ProbesFail_BreaksGrowUpToTheLongest()
    {
        var circuit = Create();
        await Fail(circuit, 10);
        var breaks = new List<double>();
        for (var probe = 0; probe < 8; probe++)
        {
            circuit.TryEnter(out var wait).ShouldBe(CircuitPermit.Rejected);
            breaks.Add(wait.TotalSeconds);
            _time.Advance(wait);
            await circuit.ReportAsync(circuit.TryEnter(out _), faults: 1, TimeSpan.Zero);
        }

        breaks.ShouldBe([1, 2, 4, 8, 16, 30, 30, 30]);
    }

    [Fact]
    public async Task Abandon_Probe_LetsAnotherOneTry()
    {
        var circuit = Create();
        await Fail(circuit, 10);
        _time.Advance(TimeSpan.FromSeconds(1));
        circuit.Abandon(circuit.TryEnter(out _));

        circuit.TryEnter(out _).ShouldBe(CircuitPermit.Probe);
    }

    [Fact]
    public async Task ReportAsync_SessionsFromBeforeTheBreak_DoNotCloseWhatTheProbeFoundDead()
    {
        var circuit = Create();
        // As many as are reported to Polly at a time: to it, one of them would be the probe.
        var old = Enumerable.Range(0, 8).Select(_ => Enter(circuit)).ToArray();
        await Fail(circuit, 10);
        _time.Advance(TimeSpan.FromSeconds(1));
        var probe = circuit.TryEnter(out _);
        foreach (var permit in old)
            await circuit.ReportAsync(permit, faults: 0, TimeSpan.Zero);
        await circuit.ReportAsync(probe, faults: 1, TimeSpan.Zero);

        circuit.State.ShouldBe(CircuitState.Open);
        circuit.TryEnter(out _).ShouldBe(CircuitPermit.Rejected);
    }

    [Fact]
    public async Task TryEnter_ProbeLasts_IsJoinedByAnotherAfterFourLongestBreaks()
    {
        _options.MaxBreakDuration = TimeSpan.FromSeconds(1);
        var circuit = Create();
        var states = new List<CircuitState>();
        await Fail(circuit, 10);
        _time.Advance(TimeSpan.FromSeconds(1));
        var lasting = circuit.TryEnter(out _);
        circuit.TryEnter(out var retryAfter).ShouldBe(CircuitPermit.Rejected);
        retryAfter.ShouldBe(TimeSpan.FromSeconds(4));
        circuit.RetryAfter.ShouldBe(TimeSpan.FromSeconds(4));

        _time.Advance(TimeSpan.FromSeconds(4));
        var second = circuit.TryEnter(out _);
        second.ShouldBe(CircuitPermit.Probe);
        circuit.TryEnter(out _).ShouldBe(CircuitPermit.Rejected);
        circuit.StateChanged += (_, state) => states.Add(state);
        await circuit.ReportAsync(second, faults: 0, TimeSpan.Zero);
        await circuit.ReportAsync(lasting, faults: 0, TimeSpan.Zero);

        states.ShouldBe([CircuitState.Closed]);
    }

    [Fact]
    public async Task TryEnter_DefaultBreaks_NoticeAReturnWithinHalfASecond()
    {
        var defaults = new CircuitBreakerOptions();
        (_options.BreakDuration, _options.MaxBreakDuration) = (defaults.BreakDuration, defaults.MaxBreakDuration);
        var circuit = Create();
        await Fail(circuit, 10);
        var breaks = new List<double>();
        for (var probe = 0; probe < 5; probe++)
        {
            circuit.TryEnter(out var wait);
            breaks.Add(wait.TotalMilliseconds);
            _time.Advance(wait);
            await circuit.ReportAsync(circuit.TryEnter(out _), faults: 1, TimeSpan.Zero);
        }

        breaks.ShouldBe([100, 200, 400, 500, 500]);
    }

    [Fact]
    public async Task IsolateAsync_RejectsUntilClosedByHand()
    {
        var circuit = Create();
        await circuit.IsolateAsync(TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromDays(1));
        circuit.TryEnter(out var retryAfter).ShouldBe(CircuitPermit.Rejected);
        retryAfter.ShouldBe(Timeout.InfiniteTimeSpan);
        circuit.State.ShouldBe(CircuitState.Isolated);

        await circuit.CloseAsync(TestContext.Current.CancellationToken);
        circuit.TryEnter(out _).ShouldBe(CircuitPermit.Normal);
        await Fail(circuit, 10);
        circuit.State.ShouldBe(CircuitState.Open);
    }

    [Fact]
    public async Task TryEnter_Open_DoesNotAllocate()
    {
        var circuit = Create();
        await Fail(circuit, 10);
        circuit.TryEnter(out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var call = 0; call < 1000; call++)
            circuit.TryEnter(out _);

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Fact]
    public async Task StateChanged_OutageWithFailedProbes_IsLoggedOnceWhenItBeginsAndOnceWhenItEnds()
    {
        using var log = new RecordingLoggerProvider();
        var circuit = new DatabaseCircuit("test", _options, _time, log.CreateLogger("circuit"));
        await Fail(circuit, 10);
        for (var probe = 0; probe < 3; probe++)
        {
            _time.Advance(circuit.RetryAfter);
            await circuit.ReportAsync(circuit.TryEnter(out _), probe < 2 ? 1 : 0, TimeSpan.Zero);
        }

        log.Entries.Where(entry => entry.Level > LogLevel.Debug).Select(entry => entry.Level)
            .ShouldBe([LogLevel.Warning, LogLevel.Information]);
    }

    private static CircuitPermit Enter(DatabaseCircuit circuit) => circuit.TryEnter(out _);

    private static async Task Fail(DatabaseCircuit circuit, int times)
    {
        for (var session = 0; session < times; session++)
            await circuit.ReportAsync(Enter(circuit), faults: 1, TimeSpan.Zero);
    }

    private DatabaseCircuit Create() => new("test", _options, _time, NullLogger.Instance);
}
