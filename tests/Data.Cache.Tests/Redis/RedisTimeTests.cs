using System.Text;
using Data.Cache.Redis;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace Data.Cache.Tests.Redis;

/// <summary>Deadlines, windows and pauses follow the time provider alone: here time passes only by hand.</summary>
public sealed class RedisTimeTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(250);
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void FailureWindow_Expired_ForgetsItsFailures()
    {
        var window = new FailureWindow(ratio: 0.5, minimum: 4, TimeSpan.FromSeconds(5), _time);
        for (var i = 0; i < 3; i++)
            window.Failed().ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(5));
        for (var i = 0; i < 3; i++)
            window.Failed().ShouldBeFalse();
        window.Failed().ShouldBeTrue();
    }

    [Fact]
    public void FailureWindow_ShareOfFailuresEqualsTheRatio_Opens()
    {
        var window = new FailureWindow(ratio: 0.5, minimum: 4, TimeSpan.FromSeconds(5), _time);
        window.Succeeded();
        window.Succeeded();
        window.Failed().ShouldBeFalse();
        window.Failed().ShouldBeTrue();
    }

    [Fact]
    public async Task RemoteGate_CallThatIsNeverAnswered_EndsAtItsDeadline()
    {
        var gate = OpenGate();
        var unanswered = new TaskCompletionSource<int>();
        var call = gate.CallAsync("get", unanswered.Task, static (_, task) => task, Deadline, Cancellation).AsTask();
        _time.Advance(Deadline - TimeSpan.FromMilliseconds(1));
        call.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        (await call).Failure.ShouldBeOfType<TimeoutException>();
    }

    [Fact]
    public async Task ReadCalls_ReadThatIsNeverAnswered_EndsAfterItsDeadline()
    {
        var gate = OpenGate();
        using var reads = new ReadCalls(gate, new RedisKeys("t"), _time);
        var read = reads.ReadAsync(gate.Ready!, "key", Deadline, Cancellation).AsTask();
        _time.Advance(Deadline / 2);
        read.IsCompleted.ShouldBeFalse();

        // One step of the timer that checks the deadlines may pass in addition.
        _time.Advance(Deadline);
        (await read.WaitAsync(TimeSpan.FromSeconds(30), Cancellation)).Failure.ShouldBeOfType<TimeoutException>();
    }

    [Fact]
    public async Task ReadCalls_DeadlineLongerThanTheTimerIdles_EndsAfterItsDeadline()
    {
        var gate = OpenGate();
        using var reads = new ReadCalls(gate, new RedisKeys("t"), _time);
        var deadline = TimeSpan.FromSeconds(5);
        var read = reads.ReadAsync(gate.Ready!, "key", deadline, Cancellation).AsTask();
        _time.Advance(deadline / 2);
        read.IsCompleted.ShouldBeFalse();
        _time.Advance(deadline);
        (await read.WaitAsync(TimeSpan.FromSeconds(10), Cancellation)).Failure.ShouldBeOfType<TimeoutException>();
    }

    [Fact]
    public async Task ReadCalls_HalfOfTheTimeHasPassed_ReadsOnceMoreAndTakesTheFirstAnswer()
    {
        var (gate, sent) = RecordingGate();
        using var reads = new ReadCalls(gate, new RedisKeys("t"), _time);
        for (var answered = 0; answered < 2; answered++)
        {
            var read = reads.ReadAsync(gate.Ready!, "key", Deadline, Cancellation).AsTask();
            _time.Advance(Deadline / 2 - TimeSpan.FromMilliseconds(20));
            sent.Count.ShouldBe(1);
            _time.Advance(TimeSpan.FromMilliseconds(60));
            sent.Count.ShouldBe(2);
            sent[answered].SetResult("value");
            Encoding.UTF8.GetString((await read.WaitAsync(TimeSpan.FromSeconds(30), Cancellation)).Value!).ShouldBe("value");

            // The other answer comes when the next read is under way, and is not its.
            var next = reads.ReadAsync(gate.Ready!, "other", Deadline, Cancellation).AsTask();
            sent[1 - answered].SetResult("late");
            next.IsCompleted.ShouldBeFalse();
            sent[2].SetResult("next");
            Encoding.UTF8.GetString((await next.WaitAsync(TimeSpan.FromSeconds(30), Cancellation)).Value!).ShouldBe("next");
            sent.Clear();
        }
    }

    [Fact]
    public async Task ReadCalls_FirstOfTwoReadsFails_WaitsForTheSecond()
    {
        var (gate, sent) = RecordingGate();
        using var reads = new ReadCalls(gate, new RedisKeys("t"), _time);
        var read = reads.ReadAsync(gate.Ready!, "key", Deadline, Cancellation).AsTask();
        _time.Advance(Deadline * 0.7);
        sent[0].SetException(new RedisConnectionException(ConnectionFailureType.SocketFailure, "gone"));
        read.IsCompleted.ShouldBeFalse();
        sent[1].SetResult("value");
        (await read.WaitAsync(TimeSpan.FromSeconds(30), Cancellation)).Succeeded.ShouldBeTrue();

        var both = reads.ReadAsync(gate.Ready!, "key", Deadline, Cancellation).AsTask();
        _time.Advance(Deadline * 0.7);
        foreach (var attempt in sent.Skip(2))
            attempt.SetException(new RedisConnectionException(ConnectionFailureType.SocketFailure, "gone"));
        (await both.WaitAsync(TimeSpan.FromSeconds(30), Cancellation)).Failure.ShouldBeOfType<RedisConnectionException>();
    }

    [Fact]
    public async Task ReadCalls_NeitherReadIsAnswered_EndsAtTheDeadlineAfterTwo()
    {
        var (gate, sent) = RecordingGate();
        using var reads = new ReadCalls(gate, new RedisKeys("t"), _time);
        var read = reads.ReadAsync(gate.Ready!, "key", Deadline, Cancellation).AsTask();
        _time.Advance(Deadline - TimeSpan.FromMilliseconds(15));
        read.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromMilliseconds(30));
        (await read.WaitAsync(TimeSpan.FromSeconds(30), Cancellation)).Failure.ShouldBeOfType<TimeoutException>();
        sent.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(true, false, 0)]
    [InlineData(true, true, 1)]
    [InlineData(false, false, 1)]
    public async Task RemoteGate_ClientThatKeepsABacklog_IsSentNothingWhileItIsDisconnected(bool keeps, bool connected, int sent)
    {
        var (gate, calls) = RecordingGate();
        var database = gate.Ready!;
        ((RecordingDatabase)(object)database).IsConnected = connected;
        gate.Use(database, keeps);
        var call = gate.CallAsync("set", 0, static (database, _) => database.StringGetAsync("k"), Deadline, Cancellation).AsTask();
        calls.Count.ShouldBe(sent);
        calls.ForEach(static reply => reply.SetResult("v"));
        (await call).Succeeded.ShouldBe(sent == 1);
    }

    [Fact]
    public async Task BusTracker_GapThatStaysOpen_IsALossAfterTheGracePeriod()
    {
        var tracker = new BusTracker(self: 1, TimeSpan.FromSeconds(1), _time);
        tracker.SinceEcho.ShouldBeNull();
        foreach (var number in new[] { 1, 4, 2 })
            tracker.Received(new BusMessage(BusMessageKind.Heartbeat, Sender: 1, number, Stamp: 0, Body: ""));
        _time.Advance(TimeSpan.FromSeconds(1));
        tracker.TakeLoss().ShouldBeFalse();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        tracker.TakeLoss().ShouldBeTrue();
        tracker.TakeLoss().ShouldBeFalse();
        tracker.SinceEcho.ShouldBe(TimeSpan.FromMilliseconds(1001));
        await Task.CompletedTask;
    }

    [Fact]
    public async Task WakeSignal_SetOrPauseOver_EndsTheWaitOnce()
    {
        var signal = new WakeSignal(_time);
        var first = signal.WaitAsync(TimeSpan.FromSeconds(1), Cancellation);
        _time.Advance(TimeSpan.FromSeconds(1));
        await first;

        signal.Set();
        await signal.WaitAsync(TimeSpan.FromSeconds(1), Cancellation);
        var third = signal.WaitAsync(TimeSpan.FromSeconds(1), Cancellation);
        third.IsCompleted.ShouldBeFalse();
        signal.Set();
        await third;
    }

    [Fact]
    public async Task WakeSignal_Cancelled_Throws()
    {
        using var cancel = new CancellationTokenSource();
        var wait = new WakeSignal(_time).WaitAsync(TimeSpan.FromSeconds(1), cancel.Token);
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(wait);
    }

    private (RemoteGate Gate, List<TaskCompletionSource<RedisValue>> Sent) RecordingGate()
    {
        var gate = new RemoteGate(new DataCacheOptions(), _time, static () => { }, Task.CompletedTask);
        var database = RecordingDatabase.Create();
        gate.Use(database);
        gate.Open();
        return (gate, ((RecordingDatabase)(object)database).Sent);
    }

    /// <summary>A gate that lets calls through to a database that never answers.</summary>
    private RemoteGate OpenGate()
    {
        var gate = new RemoteGate(new DataCacheOptions(), _time, static () => { }, Task.CompletedTask);
        gate.Use(SilentDatabase.Create());
        gate.Open();
        return gate;
    }
}

/// <summary>A database whose reads never end.</summary>
public class SilentDatabase : System.Reflection.DispatchProxy
{
    public static IDatabase Create() => Create<IDatabase, SilentDatabase>();

    protected override object? Invoke(System.Reflection.MethodInfo? targetMethod, object?[]? args) =>
        targetMethod?.ReturnType == typeof(Task<RedisValue>)
            ? new TaskCompletionSource<RedisValue>().Task
            : throw new NotSupportedException();
}

/// <summary>A database whose reads end when the test says so.</summary>
public class RecordingDatabase : System.Reflection.DispatchProxy
{
    public List<TaskCompletionSource<RedisValue>> Sent { get; } = [];

    public static IDatabase Create() => Create<IDatabase, RecordingDatabase>();

    public bool IsConnected { get; set; } = true;

    protected override object? Invoke(System.Reflection.MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == nameof(IsConnected))
            return IsConnected;
        Sent.Add(new TaskCompletionSource<RedisValue>());
        return Sent[^1].Task;
    }
}
