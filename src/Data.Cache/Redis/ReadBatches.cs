using System.Collections.Concurrent;
using StackExchange.Redis;

namespace Data.Cache.Redis;

/// <summary>Brings reads together that are asked for at the same moment, so that many of them are one command.</summary>
/// <remarks>
/// A few reads on their way are sent as they come. With more of them a read waits for its turn on the thread pool, which comes after the
/// reads that were about to be made, and all that gathered until then leave together; nobody waits for an answer to another. A message, a
/// promise and a slot in two queues of the client for each read would cost more than the reading. Not in a cluster, where one command reads
/// one slot, and not for a while after a large value, which must not hold up the others.
/// </remarks>
internal sealed class ReadBatches(RemoteGate gate, RedisKeys keys) : IThreadPoolWorkItem
{
    private const int Alone = 16;
    private const int MaxKeys = 64;
    private const int LargeBytes = 16 * 1024;
    private const int LargeMs = 1000;
    private readonly ConcurrentQueue<ReadCall> _waiting = new();
    private long _largeUntil;
    private int _pending;
    private int _scheduled;
    private volatile bool _refused;

    /// <summary>Takes a read that has begun, if it should go with others. One that is not taken is to be sent by the caller.</summary>
    public bool TryTake(ReadCall call)
    {
        if (Interlocked.Increment(ref _pending) <= Alone || _refused || keys.IsCluster
            || Environment.TickCount64 < Volatile.Read(ref _largeUntil))
        {
            return false;
        }

        _waiting.Enqueue(call);
        if (Interlocked.Exchange(ref _scheduled, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return true;
    }

    /// <summary>Counts a read that was answered or given up.</summary>
    public void Ended(int bytes)
    {
        Interlocked.Decrement(ref _pending);
        if (bytes > LargeBytes)
            Volatile.Write(ref _largeUntil, Environment.TickCount64 + LargeMs);
    }

    void IThreadPoolWorkItem.Execute()
    {
        // First, so that one who comes while the queue is being emptied is either seen here or asks again.
        Interlocked.Exchange(ref _scheduled, 0);
        while (Gather() is { Length: > 0 } calls)
        {
            if (gate.Ready is not { } database)
                Array.ForEach(calls, static call => call.Refuse());
            else if (calls.Length == 1)
                calls[0].Send(database);
            else
                Send(database, calls);
        }
    }

    private ReadCall[] Gather()
    {
        var calls = new ReadCall[Math.Min(_waiting.Count, MaxKeys)];
        var count = 0;
        while (count < calls.Length && _waiting.TryDequeue(out var call))
        {
            if (call.IsPending)
                calls[count++] = call;
        }

        // All of them may have been given up while others wait behind them.
        return count > 0 || _waiting.IsEmpty ? calls[..count] : Gather();
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
            // A user or a proxy that may not read many keys at once may still read each of them.
            _refused = true;
            Array.ForEach(calls, call => call.Send(database));
            return;
        }

        Array.ForEach(calls, call => call.Fail(exception));
    }
}
