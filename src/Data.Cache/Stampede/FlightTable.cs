using System.Collections.Concurrent;

namespace Data.Cache.Stampede;

/// <summary>The flights in progress, one per key.</summary>
internal sealed class FlightTable
{
    private readonly ConcurrentDictionary<string, Flight> _flights = new(StringComparer.Ordinal);

    /// <summary>Joins the flight of a key, or creates it.</summary>
    /// <param name="name">Full name of the key.</param>
    /// <param name="shared">Whether other callers may join. Without it the caller gets a flight of its own.</param>
    /// <param name="first">Whether the caller is the one to run it.</param>
    public Flight<T> Join<T>(string name, bool shared, out bool first)
    {
        while (true)
        {
            var flight = shared ? _flights.GetOrAdd(name, static name => new Flight<T>(name)) : null;

            // A key that is being made as another type gets a second flight.
            var typed = flight as Flight<T> ?? new Flight<T>(name);
            if (typed.TryJoin(out first))
                return typed;
            Remove(typed);
        }
    }

    /// <summary>Creates a flight without callers, unless the key has one.</summary>
    public Flight<T>? TryStartDetached<T>(string name)
    {
        var flight = new Flight<T>(name);
        flight.TryDetach();
        return _flights.TryAdd(name, flight) ? flight : null;
    }

    /// <summary>Lets no further caller join a flight whose result would be out of date.</summary>
    public void Close(string name)
    {
        if (_flights.TryRemove(name, out var flight))
            flight.Close();
    }

    /// <summary>Does the same for every name that a condition accepts.</summary>
    public void CloseWhere(Func<string, bool> condition)
    {
        foreach (var name in _flights.Keys.Where(condition))
            Close(name);
    }

    public void Remove(Flight flight) => _flights.TryRemove(KeyValuePair.Create(flight.Name, flight));
}
