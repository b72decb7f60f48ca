using Data.Cache.Internal;
using Data.Cache.Observation;
using Data.Cache.Redis;

namespace Data.Cache.Engine;

/// <summary>The step of a flight that makes a missing value: the lease, then the factory.</summary>
internal sealed class ValueCreation(
    RemoteLevel? remote,
    ISecondLevelLookup? lookup,
    FactoryRunner factories,
    StampClock stamps,
    MonotonicClock clock,
    CacheCounters counters)
{
    private const int MaxRereads = 3;

    /// <summary>
    /// Asks for the lease until it is granted, another node has made the value, or Redis cannot help; then runs the factory unless the
    /// value exists.
    /// </summary>
    public async Task RunAsync<T>(FlightRun<T> run)
    {
        var waitsUntil = clock.Milliseconds + (long)run.Spec.HardTimeout.TotalMilliseconds;
        for (var rereads = 0; run.Lease == 0 && IsShared(run) && rereads < MaxRereads && clock.Milliseconds < waitsUntil;)
        {
            var answer = await remote!.Leases.AcquireAsync(run.Name, run.RemoteStamp, waits: !run.IsRefresh, run.Budget, run.Flight.Token)
                .ConfigureAwait(false);
            if (!answer.Succeeded)
            {
                counters.RemoteFailures.Increment();
                break;
            }

            if (answer.Value.Outcome == LeaseOutcome.Granted)
            {
                await factories.RunAsync(run, new EntryStamp(answer.Value.Number, IsEstimated: false)).ConfigureAwait(false);
                return;
            }

            if (run.IsRefresh)
                return;
            if (answer.Value.Outcome == LeaseOutcome.Changed)
                rereads++;
            if (await lookup!.TryCompleteAsync(run).ConfigureAwait(false))
                return;
        }

        var stamp = run.Lease != 0 ? new EntryStamp(run.Lease, IsEstimated: false) : new EntryStamp(stamps.Next(), IsEstimated: true);
        await factories.RunAsync(run, stamp).ConfigureAwait(false);
    }

    // A Redis that just failed to answer a read would only cost the callers a second deadline.
    private bool IsShared<T>(FlightRun<T> run) =>
        remote is not null
        && !run.RemoteFailed
        && !run.Budget.IsSpent
        && remote.IsUsable
        && run.Spec.WritesRemote
        && !remote.Replayer.Queue.HasPending(run.Name);
}
