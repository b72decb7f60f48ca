using Data.Cache.Fallback;
using Data.Cache.Redis;

namespace Data.Cache.Engine;

/// <summary>Carries out in Redis what it has not confirmed, as soon as it answers.</summary>
internal sealed class Replayer(
    ReplayQueue queue,
    RedisLink link,
    RedisStore store,
    RemotePatternRemoval patterns,
    CacheLog log,
    TimeProvider time)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);
    private int _running;

    public ReplayQueue Queue => queue;

    /// <summary>Queues a write that did not reach Redis and starts the replay.</summary>
    /// <param name="write">The write.</param>
    /// <param name="madeAt">When its factory was started, on the monotonic clock, in microseconds.</param>
    public void Defer(in RemoteWrite write, long madeAt)
    {
        queue.Add(new PendingWrite(write.Name, write, madeAt));
        Start();
    }

    /// <summary>Replays what is pending, unless a replay is in progress or Redis is disconnected.</summary>
    public void Start()
    {
        if (queue.Count == 0 || !link.Gate.IsOpen || Interlocked.Exchange(ref _running, 1) != 0)
            return;
        _ = Task.Run(RunAsync);
    }

    private async Task RunAsync()
    {
        try
        {
            var empty = false;
            while (!empty && link.Gate.IsOpen)
            {
                log.Replaying(queue.Count);
                empty = await queue.DrainAsync(store, RemoveAsync, CancellationToken.None).ConfigureAwait(false);
                if (!empty)
                    await Task.Delay(RetryDelay, time).ConfigureAwait(false);
            }
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }

        // What was queued after the queue was found empty and before this replay ended found it still running.
        Start();
    }

    private async Task<bool> RemoveAsync(PendingPattern pending)
    {
        var options = new PatternRemovalOptions { BatchSize = pending.BatchSize };
        var answer = await patterns.RemoveAsync(pending.Scope, pending.Prefix, pending.Pattern, options, CancellationToken.None)
            .ConfigureAwait(false);
        return answer.Succeeded;
    }
}
