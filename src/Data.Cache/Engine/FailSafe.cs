using Data.Cache.Local;
using Data.Cache.Observation;

namespace Data.Cache.Engine;

/// <summary>Serves stale values when a factory fails or is slow.</summary>
internal sealed class FailSafe(
    LocalLevel local,
    FillTokens fills,
    TimeSpan retryDelay,
    CacheCounters counters,
    CacheLog log,
    TimeProvider time)
{
    /// <summary>Looks for a stale value in the local level.</summary>
    public void FindLocal<T>(FlightRun<T> run)
    {
        if (!run.IsRefresh && (run.Spec.MaxStale <= TimeSpan.Zero || !run.Spec.ReadsLocal))
            return;
        if (local.Store.TryGet(run.Name, out var entry) && entry is TypedEntry<T> typed && IsServable(entry))
            Keep(run, typed);
    }

    /// <summary>Keeps a stale value for a run, and starts its soft time-out.</summary>
    public void Keep<T>(FlightRun<T> run, TypedEntry<T> entry)
    {
        if (run.Stale is null || run.Stale.Life.Stamp < entry.Life.Stamp)
            run.Stale = entry;
        if (run.HasSoftTimeout || run.IsRefresh)
            return;
        run.HasSoftTimeout = true;
        _ = ServeAfterSoftTimeoutAsync(run);
    }

    /// <summary>Ends a flight whose factory failed: with the stale value if there is one, else with the failure.</summary>
    public void EndFailed<T>(FlightRun<T> run, Exception exception)
    {
        if (run.Flight.Token.IsCancellationRequested)
        {
            run.Flight.TryFail(exception);
            return;
        }

        counters.FactoryFailures.Increment();
        var kind = exception is FactoryTimeoutException ? CacheEventKind.FactoryTimedOut : CacheEventKind.FactoryFailed;
        counters.Events?.Raise(kind, run.Name, exception);
        var stale = run.Spec.MaxStale > TimeSpan.Zero && run.Stale is { } known && IsServable(known) ? known : null;
        log.FactoryFailed(exception, stale is not null);
        if (stale is null)
        {
            run.Flight.TryFail(exception);
            return;
        }

        // For a moment the next callers get the stale value without running the factory again.
        var until = Math.Min(stale.Life.StaleUntil, local.Clock.Milliseconds + (long)retryDelay.TotalMilliseconds);
        fills.TryPut(run.Token, stale.With(stale.Life with { FreshUntil = until, EagerAt = until }));
        run.Flight.Close();
        if (run.Flight.TryComplete(stale.Produced, stale))
            Served(run.Name);
    }

    private void Served(string name)
    {
        counters.StaleHits.Increment();
        counters.Events?.Raise(CacheEventKind.FailSafeActivated, name);
    }

    private bool IsServable(LocalEntry entry) => local.IsValid(entry) && local.Clock.Milliseconds < entry.Life.StaleUntil;

    private async Task ServeAfterSoftTimeoutAsync<T>(FlightRun<T> run)
    {
        try
        {
            await run.Ended.WaitAsync(run.Spec.SoftTimeout, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The run continues without its callers and stores its result for the next ones.
            if (run.Flight.TryDetach() && run.Flight.TryComplete(run.Stale!.Produced, run.Stale))
                Served(run.Name);
        }
    }
}
