using System.Diagnostics.CodeAnalysis;
using Data.Cache.Local;
using Data.Cache.Stampede;
using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Cache.Engine;

/// <summary>Brings callers aboard the run of their key, or starts it.</summary>
internal static class Flights
{
    public static Flight<T> Join<T>(CacheCore core, CacheRequest<T> request)
    {
        while (true)
        {
            var flight = SharesNothing(request) ? null : core.Flights.GetOrAdd(request.Name, static name => new Flight<T>(name));

            // Where the key is being made as another type, or callers ask for different things, one has a run of one's own.
            var typed = flight as Flight<T> ?? new Flight<T>(request.Name);
            if (!typed.TryJoin(out var first))
            {
                core.Flights.TryRemove(KeyValuePair.Create(request.Name, (Flight)typed));
                continue;
            }

            if (first)
                _ = new FlightRunner<T>(core, typed, request).RunAsync();
            return typed;
        }
    }

    // One who may not run the factory must not share with one who may: either would get what it did not ask for.
    private static bool SharesNothing<T>(CacheRequest<T> request) =>
        request.Options.Flags is { } flags && flags != HybridCacheEntryFlags.None;
}

/// <summary>Serves values that are fresh but old enough to be renewed, and starts the one renewal.</summary>
internal static class Refreshes
{
    public static bool TryServe<T>(CacheCore core, CacheRequest<T> request, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        var flags = request.Options.Flags ?? HybridCacheEntryFlags.None;
        if (flags.HasFlag(HybridCacheEntryFlags.DisableLocalCacheRead) || !core.Local.TryGet(request.Name, out var entry))
            return false;
        var now = core.Clock.Milliseconds;
        if (now >= entry.Life.FreshUntil || entry is not TypedEntry<T> typed || !core.IsValid(entry))
            return false;
        var eagerAt = Interlocked.Read(ref entry.EagerAt);
        if (now >= eagerAt && Interlocked.CompareExchange(ref entry.EagerAt, entry.Life.FreshUntil, eagerAt) == eagerAt
            && !flags.HasFlag(HybridCacheEntryFlags.DisableUnderlyingData))
        {
            Start(core, request);
        }

        core.Counters.LocalHits.Increment();
        value = typed.Value!;
        return true;
    }

    private static void Start<T>(CacheCore core, CacheRequest<T> request)
    {
        var flight = new Flight<T>(request.Name);
        flight.TryDetach();
        if (core.Flights.TryAdd(request.Name, flight))
            _ = new FlightRunner<T>(core, flight, request) { IsRefresh = true }.RunAsync();
    }
}
