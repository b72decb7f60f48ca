using Data.Cache.Internal;
using Data.Cache.Redis;
using Data.Cache.Stampede;

namespace Data.Cache.Engine;

/// <summary>Leases in Redis: the right to run the factory of a key, for one node at a time.</summary>
internal sealed class Leases(RedisStore store, KeyWaiters waiters, StampClock stamps, TimeSpan duration, TimeProvider time)
{
    /// <summary>Asks for the lease of a key once.</summary>
    /// <param name="name">Full name of the key.</param>
    /// <param name="seenStamp">Stamp of the value that the caller read before; 0 for none.</param>
    /// <param name="waits">Whether to return a busy lease only when its holder has released it or it has ended.</param>
    /// <param name="budget">Bounds the wait for Redis, not that for the holder.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    public async ValueTask<RemoteResult<LeaseAnswer>> AcquireAsync(
        string name,
        long seenStamp,
        bool waits,
        RemoteBudget budget,
        CancellationToken cancellationToken)
    {
        using var waiter = waiters.Listen(name);
        var answer = await budget.SpendAsync(store.LeaseAsync(name, seenStamp, budget.Left, cancellationToken)).ConfigureAwait(false);
        if (!answer.Succeeded)
            return answer;
        if (answer.Value.Outcome == LeaseOutcome.Granted)
            stamps.Observe(answer.Value.Number);
        else if (answer.Value.Outcome == LeaseOutcome.Busy && waits)
            await WaitAsync(waiter.Task, answer.Value.Number, cancellationToken).ConfigureAwait(false);
        return answer;
    }

    /// <summary>Renews a lease until the result is disposed.</summary>
    public IDisposable Renew(string name, long stamp) => new LeaseRenewal(store, name, stamp, duration / 3, time);

    public async ValueTask ReleaseAsync(string name, long stamp) =>
        await store.ReleaseAsync(name, stamp, CancellationToken.None).ConfigureAwait(false);

    // The holder releases the lease with a message; if the holder died, the lease ends by itself.
    private async Task WaitAsync(Task released, long leaseLeftMs, CancellationToken cancellationToken)
    {
        try
        {
            await released.WaitAsync(TimeSpan.FromMilliseconds(Math.Max(1, leaseLeftMs) + 1), time, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The lease has ended.
        }
    }
}
