using Data.Cache.Local;
using Data.Cache.Observation;

namespace Data.Cache.Engine;

/// <summary>Uses what a flight has read: completes it with a fresh value, or keeps a stale one for fail-safe.</summary>
internal sealed class LookupOutcome(FillTokens fills, FailSafe failSafe, CacheCounters counters)
{
    /// <summary>Returns whether the flight is completed.</summary>
    public bool TryComplete<T>(FlightRun<T> run, in RemoteRead<T> read)
    {
        run.RemoteStamp = read.SeenStamp;
        run.Lease = read.Lease;
        run.RemoteFailed = read.Kind == RemoteReadKind.Failed;
        if (read.Kind == RemoteReadKind.Hit && !(run.IsRefresh && read.SeenStamp == run.Stale?.Life.Stamp))
        {
            if (run.Spec.WritesLocal)
                fills.TryPut(run.Token, read.Entry!);
            counters.RemoteHits.Increment();
            counters.Events?.Raise(CacheEventKind.RemoteHit, run.Name);
            run.Flight.TryComplete(read.Produced, read.Entry);
            return true;
        }

        if (read.Kind == RemoteReadKind.Stale)
            failSafe.Keep(run, read.Entry!);
        return false;
    }
}
