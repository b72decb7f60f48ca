using System.Collections.Concurrent;
using Data.Cache.Internal;
using StackExchange.Redis;

namespace Data.Cache.Redis;

/// <summary>The pending reads, and one timer that ends those whose deadline has passed.</summary>
/// <remarks>
/// A timer, a task and a continuation for each call would cost a third of the throughput of 256 concurrent readers. Here a call that is
/// answered in time touches no timer: calls stay listed while they are reused, and the timer checks the list every few milliseconds while
/// any is pending.
/// </remarks>
internal sealed class ReadCalls : IDisposable
{
    private const int IdleSteps = 64;
    private const int Kept = 1024;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(15);
    private readonly RemoteGate _gate;
    private readonly TimeProvider _time;
    private readonly MonotonicClock _clock;
    private readonly ReadBatches _batches;
    private readonly ConcurrentQueue<ReadCall> _free = new();
    private readonly Lock _lock = new();
    private readonly List<ReadCall> _all = [];
    private ITimer? _timer;
    private volatile bool _ticking;
    private int _idle;
    private bool _disposed;

    public ReadCalls(RemoteGate gate, RedisKeys keys, TimeProvider time)
    {
        _gate = gate;
        _time = time;
        _clock = new MonotonicClock(time);
        _batches = new ReadBatches(gate, keys, _clock);
    }

    /// <summary>Reads a key and waits for the answer until the deadline.</summary>
    public ValueTask<RemoteResult<byte[]?>> ReadAsync(
        IDatabase database,
        RedisKey key,
        TimeSpan deadline,
        CancellationToken cancellationToken)
    {
        if (!_free.TryDequeue(out var call))
            call = Make();
        var now = _clock.Milliseconds;
        var pending = call.Begin(key, now, now + (long)deadline.TotalMilliseconds, cancellationToken);
        if (!_batches.TryQueue(call))
            call.Send(database);
        Interlocked.MemoryBarrier();
        if (!_ticking)
            Tick();
        return pending;
    }

    /// <summary>Counts a call that was answered or abandoned.</summary>
    public void Ended(int bytes) => _batches.Ended(bytes);

    public void Return(ReadCall call)
    {
        // Surplus calls of a burst are released; the count may be slightly out of date.
        if (_all.Count > Kept)
            call.Retire();
        else
            _free.Enqueue(call);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _ticking = false;
            _timer?.Dispose();
            _timer = null;
        }

        // Nothing checks deadlines any more, so calls that still wait end now.
        Expire(long.MaxValue);
    }

    private ReadCall Make()
    {
        var call = new ReadCall(this, _gate);
        lock (_lock)
            _all.Add(call);
        return call;
    }

    private void Tick()
    {
        lock (_lock)
        {
            if (_ticking || _disposed)
                return;
            _idle = 0;
            _ticking = true;
            _timer ??= CreateTimer();
            _timer.Change(Step, Step);
        }
    }

    // Without the execution context of the first caller.
    private ITimer CreateTimer()
    {
        using (ExecutionContext.SuppressFlow())
        {
            return _time.CreateTimer(
                static calls => ((ReadCalls)calls!).OnTick(),
                this,
                Timeout.InfiniteTimeSpan,
                Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTick()
    {
        if (Expire(_clock.Milliseconds))
        {
            _idle = 0;
            return;
        }

        if (++_idle < IdleSteps)
            return;
        lock (_lock)
        {
            _ticking = false;
            _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        // A call that began meanwhile may have found the timer still running.
        Interlocked.MemoryBarrier();
        if (Expire(_clock.Milliseconds))
            Tick();
    }

    /// <summary>
    /// Ends the calls whose deadline has passed, repeats slow ones and forgets abandoned ones. Returns whether any call is pending.
    /// </summary>
    private bool Expire(long now)
    {
        var any = false;
        var database = _gate.Ready;
        lock (_lock)
        {
            for (var i = _all.Count - 1; i >= 0; i--)
            {
                var call = _all[i];
                if (!call.Expire(now, database))
                {
                    _all[i] = _all[^1];
                    _all.RemoveAt(_all.Count - 1);
                }

                any |= call.IsPending;
            }
        }

        return any;
    }
}
