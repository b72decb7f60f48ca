using System.Collections.Concurrent;
using StackExchange.Redis;

namespace Data.Cache.Redis;

/// <summary>The reads on their way, and one timer that ends those whose time is over.</summary>
/// <remarks>
/// A timer, a promise and a continuation for each call cost a third of what 256 concurrent readers get out of one connection. Here a call
/// that is answered in time touches no timer at all: calls stay listed while they are used again and again, and the timer walks the list
/// every few milliseconds while any is pending.
/// </remarks>
internal sealed class ReadCalls(RemoteGate gate, RedisKeys keys) : IDisposable
{
    private const int StepMs = 15;
    private const int IdleSteps = 64;
    private const int Kept = 1024;
    private readonly ReadBatches _batches = new(gate, keys);
    private readonly ConcurrentQueue<ReadCall> _free = new();
    private readonly Lock _lock = new();
    private readonly List<ReadCall> _all = [];
    private Timer? _timer;
    private volatile bool _ticking;
    private int _idle;
    private bool _disposed;

    /// <summary>Reads a key and waits for the answer until the deadline.</summary>
    public ValueTask<RemoteResult<byte[]?>> ReadAsync(
        IDatabase database,
        RedisKey key,
        TimeSpan deadline,
        CancellationToken cancellationToken)
    {
        if (!_free.TryDequeue(out var call))
            call = Make();
        var pending = call.Begin(key, Environment.TickCount64 + (long)deadline.TotalMilliseconds, cancellationToken);
        if (!_batches.TryTake(call))
            call.Send(database);
        Interlocked.MemoryBarrier();
        if (!_ticking)
            Tick();
        return pending;
    }

    /// <summary>Hears that a call was answered or given up.</summary>
    public void Ended(int bytes) => _batches.Ended(bytes);

    public void Return(ReadCall call)
    {
        // What a burst left behind is let go; the count may be a little old.
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

        // Who still waits is let go: nobody will look at the deadlines any more.
        Expire(long.MaxValue);
    }

    private ReadCall Make()
    {
        var call = new ReadCall(this, gate);
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
            _timer ??= MakeTimer();
            _timer.Change(StepMs, StepMs);
        }
    }

    // Made without the flow of whoever happened to call first.
    private Timer MakeTimer()
    {
        using (ExecutionContext.SuppressFlow())
            return new Timer(static calls => ((ReadCalls)calls!).OnTick(), this, Timeout.Infinite, Timeout.Infinite);
    }

    private void OnTick()
    {
        if (Expire(Environment.TickCount64))
        {
            _idle = 0;
            return;
        }

        if (++_idle < IdleSteps)
            return;
        lock (_lock)
        {
            _ticking = false;
            _timer?.Change(Timeout.Infinite, Timeout.Infinite);
        }

        // A call that began just now may have seen the timer still running.
        Interlocked.MemoryBarrier();
        if (Expire(Environment.TickCount64))
            Tick();
    }

    /// <summary>Ends what is over its time and forgets what was given up. Returns whether any call is pending.</summary>
    private bool Expire(long now)
    {
        var any = false;
        lock (_lock)
        {
            for (var i = _all.Count - 1; i >= 0; i--)
            {
                var call = _all[i];
                if (!call.Expire(now))
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
