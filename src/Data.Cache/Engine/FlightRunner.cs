using Data.Cache.Local;
using Data.Cache.Observation;
using Data.Cache.Serialization;
using Data.Cache.Stampede;

namespace Data.Cache.Engine;

/// <summary>Runs flights: Redis, then the lease, then the factory, then both levels.</summary>
internal sealed class FlightRunner(
    EntryDefaults defaults,
    FlightTable flights,
    FillTokens fills,
    FailSafe failSafe,
    ISecondLevelLookup? lookup,
    ValueCreation creation,
    TimeSpan softTimeout,
    CacheCounters counters,
    TimeProvider time)
{
    /// <summary>Runs a flight to its end; its result and its failure go to the flight.</summary>
    public async Task RunAsync<T>(Flight<T> flight, CacheRequest<T> request, bool isRefresh)
    {
        var token = fills.Acquire(request.Name);
        var budget = new RemoteBudget(softTimeout, request.Waited, time);
        var run = new FlightRun<T>(flight, request, defaults.Resolve(request.Options), token, budget, isRefresh);
        try
        {
            failSafe.FindLocal(run);
            if (lookup is not null && await lookup.TryCompleteAsync(run).ConfigureAwait(false))
                return;
            counters.Misses.Increment();
            counters.Events?.Raise(CacheEventKind.Miss, run.Name);
            if (run.Spec.RunsFactory)
                await creation.RunAsync(run).ConfigureAwait(false);
            else
                flight.TryComplete(new Produced<T>(default, found: false), entry: null);
        }
        catch (Exception exception)
        {
            // A flight that never ended would block its callers for ever, so that errors of the run itself reach them too.
            flight.TryFail(exception);
        }
        finally
        {
            run.End();
            fills.Release(token);
            flight.Close();
            flights.Remove(flight);
        }
    }
}
