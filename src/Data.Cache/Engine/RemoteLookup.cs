using Data.Cache.Internal;
using Data.Cache.Local;

namespace Data.Cache.Engine;

/// <summary>The step of a flight that looks for its value in Redis.</summary>
internal sealed class RemoteLookup(
    RemoteLevel remote,
    RemoteReader reader,
    FillTokens fills,
    FailSafe failSafe,
    CacheCounters counters)
{
    private readonly MissForecast _forecast = new();

    /// <summary>Completes the flight when Redis holds a value for it. Returns whether it did.</summary>
    /// <exception cref="CacheUnavailableException">Redis did not answer and the outage mode is Strict.</exception>
    public async ValueTask<bool> TryCompleteAsync<T>(FlightRun<T> run)
    {
        if (!run.Spec.ReadsRemote)
            return false;
        if (remote.Replayer.Queue.HasPending(run.Name))
        {
            if (remote is { IsStrict: true, IsUsable: false })
                RemoteLevel.ThrowUnavailable("the read", cause: null);
            return false;
        }

        var asksForLease = !run.IsRefresh && run.Spec is { RunsFactory: true, WritesRemote: true } && remote.IsUsable && _forecast.IsLikely;
        var read = await reader.ReadAsync<T>(run.Name, run.Spec, run.Budget, asksForLease, run.Flight.Token).ConfigureAwait(false);
        if (read.Kind != RemoteReadKind.Failed && run.Spec.RunsFactory)
            _forecast.Add(read.Kind != RemoteReadKind.Hit);
        if (read.Kind == RemoteReadKind.Failed && remote.IsStrict)
            RemoteLevel.ThrowUnavailable("the read", read.Failure);
        run.RemoteStamp = read.SeenStamp;
        run.Lease = read.Lease;
        run.RemoteFailed = read.Kind == RemoteReadKind.Failed;
        if (read.Kind == RemoteReadKind.Hit && !(run.IsRefresh && read.SeenStamp == run.Stale?.Life.Stamp))
        {
            if (run.Spec.WritesLocal)
                fills.TryPut(run.Token, read.Entry!);
            counters.RemoteHits.Increment();
            counters.Events?.Raise(CacheEventKind.RemoteHit, run.Name);
            run.Flight.TryComplete(read.Produced);
            return true;
        }

        if (read.Kind == RemoteReadKind.Stale)
            failSafe.Keep(run, read.Entry!);
        return false;
    }
}
