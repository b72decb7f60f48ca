using Data.Cache.Internal;
using Data.Cache.Observation;
using Data.Cache.Telemetry;

namespace Data.Cache.Engine;

/// <summary>Runs factories: their time-outs, their lease, their metrics.</summary>
internal sealed class FactoryRunner(
    string cacheName,
    RemoteLevel? remote,
    ResultWriter results,
    FailSafe failSafe,
    StampClock stamps,
    CacheCounters counters,
    TimeProvider time)
{
    /// <summary>Runs the factory of a flight and completes the flight.</summary>
    /// <param name="run">The flight.</param>
    /// <param name="stamp">The stamp of the lease, or an estimate where there is no lease.</param>
    public async Task RunAsync<T>(FlightRun<T> run, EntryStamp stamp)
    {
        var start = new FactoryStart(stamp, stamps.Epoch, stamps.Monotonic);
        var request = run.Request;
        var context = new CacheFactoryContext(request.Key, request.Options, request.Tags) { HasStaleValue = run.Stale is not null };
        var started = time.GetTimestamp();
        T value;
        try
        {
            counters.FactoryRuns.Increment();
            value = await InvokeAsync(run, context, start).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            CacheMeter.FactoryRan(cacheName, time.GetElapsedTime(started), failed: true);
            failSafe.EndFailed(run, exception);
            if (start.IsLeased)
                await remote!.Leases.ReleaseAsync(run.Name, start.Stamp.Value).ConfigureAwait(false);
            return;
        }

        CacheMeter.FactoryRan(cacheName, time.GetElapsedTime(started), failed: false);
        await results.WriteAsync(run, start, context, value, time.GetElapsedTime(started)).ConfigureAwait(false);
    }

    private async Task<T> InvokeAsync<T>(FlightRun<T> run, CacheFactoryContext context, FactoryStart start)
    {
        using var limit = new CancellationTokenSource(run.Spec.HardTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, run.Flight.Token);
        using var activity = CacheTraces.Factory();
        using var renewal = start.IsLeased ? remote!.Leases.Renew(run.Name, start.Stamp.Value) : null;
        try
        {
            // The factory may ignore its token; the callers do not wait for it in that case.
            return await run.Request.Factory(context, both.Token).AsTask().WaitAsync(both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (limit.IsCancellationRequested && !run.Flight.Token.IsCancellationRequested)
        {
            CacheTraces.Failed(activity, exception);
            throw new FactoryTimeoutException(run.Spec.HardTimeout, exception);
        }
        catch (Exception exception)
        {
            CacheTraces.Failed(activity, exception);
            throw;
        }
    }
}

/// <summary>The moment a factory was started, by each of the clocks that its result is ordered by.</summary>
/// <param name="Stamp">By the server that holds the key, or an estimate.</param>
/// <param name="Epoch">In the order of removals that span keys.</param>
/// <param name="Monotonic">On this node's monotonic clock, in microseconds.</param>
internal readonly record struct FactoryStart(EntryStamp Stamp, long Epoch, long Monotonic)
{
    /// <summary>Whether this node holds the key's lease.</summary>
    public bool IsLeased => !Stamp.IsEstimated;
}
