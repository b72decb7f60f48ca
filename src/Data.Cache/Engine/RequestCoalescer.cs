using System.Diagnostics.CodeAnalysis;
using Data.Cache.Local;
using Data.Cache.Observation;
using Data.Cache.Serialization;
using Data.Cache.Stampede;
using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Cache.Engine;

/// <summary>Joins concurrent requests for a key into one flight, and starts the refresh of values that are due for it.</summary>
internal sealed class RequestCoalescer(LocalLevel local, FlightTable flights, FlightRunner runner, CacheCounters counters)
{
    /// <summary>Waits for the flight of a request, which starts unless it is in progress.</summary>
    public ValueTask<Produced<T>> GetAsync<T>(CacheRequest<T> request, CancellationToken cancellationToken)
    {
        var version = local.Tags.Version;
        var flight = Join(request, version, out var first);
        return first || flight.Version == version ? WaitAsync(flight, cancellationToken) : JudgeAsync(flight);

        // A tag was removed since the flight began. Who joined before gets its value all the same; for this caller the removal came first.
        async ValueTask<Produced<T>> JudgeAsync(Flight<T> earlier)
        {
            var produced = await WaitAsync(earlier, cancellationToken).ConfigureAwait(false);
            if (earlier.IsValid(local.Tags))
                return produced;
            earlier.Close();
            flights.Remove(earlier);
            return await GetAsync(request, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Joins the flight of a key, for a request without flags; does nothing unless others wait for it already.</summary>
    public Flight<T>? TryJoin<T>(string name)
    {
        var flight = flights.TryJoinOthers<T>(name, local.Tags.Version);
        // It has its value, which is on its way to Redis: no different from a hit.
        if (flight is { Result.IsCompletedSuccessfully: true })
        {
            counters.LocalHits.Increment();
            counters.Events?.Raise(CacheEventKind.LocalHit, name);
        }

        return flight;
    }

    /// <summary>Waits for a flight that the caller has joined.</summary>
    public ValueTask<Produced<T>> WaitAsync<T>(Flight<T> flight, CancellationToken cancellationToken)
    {
        return cancellationToken.CanBeCanceled ? LeavableAsync() : new ValueTask<Produced<T>>(flight.Result);

        async ValueTask<Produced<T>> LeavableAsync()
        {
            try
            {
                return await flight.Result.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && !flight.Result.IsCompleted)
            {
                if (flight.Leave())
                    flights.Remove(flight);
                throw;
            }
        }
    }

    /// <summary>Returns a fresh value of the local level; the first caller after its eager threshold starts the refresh.</summary>
    public bool TryServe<T>(CacheRequest<T> request, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        var flags = request.Options.Flags ?? HybridCacheEntryFlags.None;
        if (flags.HasFlag(HybridCacheEntryFlags.DisableLocalCacheRead) || !local.Store.TryGet(request.Name, out var entry))
            return false;
        var now = local.Clock.Milliseconds;
        if (now >= entry.Life.FreshUntil || entry is not TypedEntry<T> typed || !local.IsValid(entry) || !typed.TryTake(out var taken))
            return false;
        var eagerAt = Interlocked.Read(ref entry.EagerAt);
        // The flag first: a caller that may not run the factory must not take the refresh from one that may.
        if (now >= eagerAt
            && !flags.HasFlag(HybridCacheEntryFlags.DisableUnderlyingData)
            && Interlocked.CompareExchange(ref entry.EagerAt, entry.Life.FreshUntil, eagerAt) == eagerAt
            && flights.TryStartDetached<T>(request.Name, local.Tags.Version) is { } flight)
        {
            Start(flight, request, isRefresh: true);
        }

        counters.LocalHits.Increment();
        counters.Events?.Raise(CacheEventKind.LocalHit, request.Name);
        value = taken!;
        return true;
    }

    private Flight<T> Join<T>(CacheRequest<T> request, int version, out bool first)
    {
        var flight = flights.Join<T>(request.Name, request.Options.Flags ?? HybridCacheEntryFlags.None, version, out first);
        if (first)
            Start(flight, request, isRefresh: false);
        else if (FlightScope.IsInside(flight))
            Refuse(flight);
        return flight;
    }

    private void Start<T>(Flight<T> flight, CacheRequest<T> request, bool isRefresh) =>
        FlightScope.Start(flight, () => _ = runner.RunAsync(flight, request, isRefresh));

    private void Refuse<T>(Flight<T> flight)
    {
        if (flight.Leave())
            flights.Remove(flight);
        throw new InvalidOperationException(
            "The factory of a key requested the same key, directly or through another factory, and would wait for itself. "
            + "Read what the factory needs under another key, or from the source.");
    }
}
