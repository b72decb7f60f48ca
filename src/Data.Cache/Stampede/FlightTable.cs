using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Cache.Stampede;

/// <summary>The flights in progress: one per key for requests without flags, and one per key, flags and type for the others.</summary>
internal sealed class FlightTable
{
    private readonly ConcurrentDictionary<string, Flight> _flights = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<FlightKey, Flight> _special = new();

    /// <summary>Joins the flight of a request, or creates it.</summary>
    /// <param name="name">Full name of the key.</param>
    /// <param name="flags">Flags of the request.</param>
    /// <param name="version">Version of the tags' generations.</param>
    /// <param name="first">Whether the caller is the one to run it.</param>
    public Flight<T> Join<T>(string name, HybridCacheEntryFlags flags, int version, out bool first)
    {
        while (true)
        {
            var flight = flags == HybridCacheEntryFlags.None
                ? _flights.GetOrAdd(name, static (name, version) => new Flight<T>(name, HybridCacheEntryFlags.None, version), version)
                : null;

            // A key that is being created as another type, or under other flags, has a flight of its own for those.
            var typed = flight as Flight<T> ?? (Flight<T>)_special.GetOrAdd(
                new FlightKey(name, flags, typeof(T)),
                static (key, version) => new Flight<T>(key.Name, key.Flags, version),
                version);
            if (typed.TryJoin(out first))
                return typed;
            Remove(typed);
        }
    }

    /// <summary>Joins the flight of a request without flags if callers wait for it already; most of a stampede comes this way.</summary>
    /// <returns>The flight, or null.</returns>
    public Flight<T>? TryJoinOthers<T>(string name, int version) =>
        _flights.TryGetValue(name, out var flight) && flight is Flight<T> typed && !FlightScope.IsInside(typed)
        && typed.TryJoinOthers(version)
            ? typed
            : null;

    /// <summary>Creates a flight without callers, unless the key has one.</summary>
    public Flight<T>? TryStartDetached<T>(string name, int version)
    {
        var flight = new Flight<T>(name, HybridCacheEntryFlags.None, version);
        flight.TryDetach();
        return _flights.TryAdd(name, flight) ? flight : null;
    }

    /// <summary>Lets no further caller join the flights of a key, whose results would be out of date.</summary>
    public void Close(string name)
    {
        if (_flights.TryRemove(name, out var flight))
            flight.Close();
        if (!_special.IsEmpty)
            CloseSpecial(known => string.Equals(known, name, StringComparison.Ordinal));
    }

    /// <summary>Does the same for every name that a condition accepts.</summary>
    public void CloseWhere(Func<string, bool> condition)
    {
        foreach (var name in _flights.Keys.Where(condition))
        {
            if (_flights.TryRemove(name, out var flight))
                flight.Close();
        }

        CloseSpecial(condition);
    }

    public void Remove(Flight flight)
    {
        _flights.TryRemove(KeyValuePair.Create(flight.Name, flight));
        if (!_special.IsEmpty)
            _special.TryRemove(KeyValuePair.Create(new FlightKey(flight.Name, flight.Flags, flight.Type), flight));
    }

    private void CloseSpecial(Func<string, bool> condition)
    {
        foreach (var key in _special.Keys.Where(key => condition(key.Name)))
        {
            if (_special.TryRemove(key, out var flight))
                flight.Close();
        }
    }
}
