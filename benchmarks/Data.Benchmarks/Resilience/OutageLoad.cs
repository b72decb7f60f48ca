using System.Collections.Concurrent;
using System.Diagnostics;
using Data.TestServers;

namespace Data.Benchmarks.Resilience;

/// <summary>Calls at a steady rate, whatever became of the earlier ones, and what an outage did to them.</summary>
/// <param name="call">Makes one call, given its number.</param>
/// <param name="proxy">What the calls connect through.</param>
internal sealed class OutageLoad(Func<int, Task> call, FaultProxy proxy)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Least duration of an affected call: far above an ordinary one, far below what a retry costs.</summary>
    private static readonly TimeSpan LeastAffected = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentQueue<(TimeSpan Ended, TimeSpan Lasted)> _done = new();
    private long _started;
    private int _calls;
    private int _errors;
    private long _connections;
    private int _callsBefore;
    private TimeSpan _returned;
    private TimeSpan _affected = LeastAffected;

    public int Calls => _calls;

    public int Errors => _errors;

    /// <summary>Calls made while the server was away.</summary>
    public int CallsInOutage { get; private set; }

    /// <summary>Attempts to connect in the same time.</summary>
    public long Attempts { get; private set; }

    public TimeSpan Slowest => _done.Max(done => done.Lasted);

    /// <summary>Time from the server's return to the end of the last call that it still affected.</summary>
    public TimeSpan AffectedAfterReturn =>
        _done.Where(done => done.Lasted >= _affected && done.Ended > _returned)
            .Select(done => done.Ended - _returned).DefaultIfEmpty().Max();

    public void BeginOutage()
    {
        (_connections, _callsBefore) = (proxy.ConnectionCount, Volatile.Read(ref _calls));
        // On a busy machine an ordinary call may take longer.
        var slowest = _done.Max(done => done.Lasted);
        _affected = slowest > LeastAffected ? slowest : LeastAffected;
    }

    public void EndOutage() =>
        (Attempts, CallsInOutage) = (proxy.ConnectionCount - _connections, Volatile.Read(ref _calls) - _callsBefore);

    /// <summary>Notes that the server accepts connections again.</summary>
    public void Return() => _returned = Stopwatch.GetElapsedTime(_started);

    /// <summary>Makes calls one after another, which are not counted.</summary>
    public async Task WarmUpAsync()
    {
        for (var number = 0; number < 200; number++)
            await call(number);
    }

    /// <summary>Makes calls for a time and waits for the last to end.</summary>
    public async Task RunAsync(TimeSpan duration)
    {
        var calls = new List<Task>();
        _started = Stopwatch.GetTimestamp();
        for (var due = TimeSpan.Zero; due < duration; due += Interval)
        {
            if (due - Stopwatch.GetElapsedTime(_started) is var wait && wait > TimeSpan.Zero)
                await Task.Delay(wait);
            calls.Add(Task.Run(() => CallAsync(Interlocked.Increment(ref _calls))));
        }

        await Task.WhenAll(calls);
    }

    private async Task CallAsync(int number)
    {
        var began = Stopwatch.GetElapsedTime(_started);
        try
        {
            await call(number);
        }
        catch (Exception)
        {
            Interlocked.Increment(ref _errors);
        }

        var ended = Stopwatch.GetElapsedTime(_started);
        _done.Enqueue((ended, ended - began));
    }
}
