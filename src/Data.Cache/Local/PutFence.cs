namespace Data.Cache.Local;

/// <summary>Keeps a value that an invalidation overtook from entering the local level after it.</summary>
/// <remarks>
/// Whoever means to put a value takes a ticket before the value is read or made. An invalidation that arrives meanwhile notes its stamp
/// on the ticket; a value older than the note is refused. The note and the put share a lock, so either the note comes first and the
/// put is refused, or the put comes first and the removal that follows the note finds it.
/// </remarks>
internal sealed class PutFence(LocalStore store)
{
    private const int Stripes = 64;
    private readonly Stripe[] _stripes = [.. Enumerable.Range(0, Stripes).Select(static _ => new Stripe())];

    public Ticket Enter(string name)
    {
        var stripe = For(name);
        lock (stripe.Lock)
        {
            if (!stripe.Tickets.TryGetValue(name, out var ticket))
                stripe.Tickets.Add(name, ticket = new Ticket(name));
            ticket.Holders++;
            return ticket;
        }
    }

    public void Leave(Ticket ticket)
    {
        var stripe = For(ticket.Name);
        lock (stripe.Lock)
        {
            if (--ticket.Holders == 0)
                stripe.Tickets.Remove(ticket.Name);
        }
    }

    /// <summary>Puts an entry unless it was invalidated since the ticket was taken.</summary>
    public bool TryPut(Ticket ticket, LocalEntry entry)
    {
        lock (For(ticket.Name).Lock)
        {
            if (ticket.Refuses(entry.Life))
                return false;
            store.Put(entry);
            return true;
        }
    }

    /// <summary>
    /// Removes what was made before the stamp, and refuses what is still on its way. One stamped by the server beats every estimate.
    /// </summary>
    public void Invalidate(string name, long stamp, bool byServer)
    {
        var stripe = For(name);
        lock (stripe.Lock)
        {
            if (stripe.Tickets.TryGetValue(name, out var ticket))
            {
                ticket.Invalidated = Math.Max(ticket.Invalidated, stamp);
                ticket.InvalidatedByServer |= byServer;
            }
        }

        store.RemoveOlder(name, stamp, byServer);
    }

    /// <summary>
    /// As <see cref="Invalidate"/> for every name that a condition accepts, up to an epoch. Returns how many entries were removed.
    /// </summary>
    public int InvalidateWhere(Func<string, bool> condition, long epoch)
    {
        foreach (var stripe in _stripes)
        {
            lock (stripe.Lock)
            {
                foreach (var ticket in stripe.Tickets.Values)
                {
                    if (condition(ticket.Name))
                        ticket.InvalidatedEpoch = Math.Max(ticket.InvalidatedEpoch, epoch);
                }
            }
        }

        return store.RemoveWhere(
            static (entry, state) => entry.Life.Epoch <= state.epoch && state.condition(entry.Key),
            (condition, epoch));
    }

    private Stripe For(string name) => _stripes[name.GetHashCode(StringComparison.Ordinal) & (Stripes - 1)];

    /// <summary>Held from before a value is read or made until it is put.</summary>
    internal sealed class Ticket(string name)
    {
        public string Name { get; } = name;

        public int Holders;

        public long Invalidated;

        public bool InvalidatedByServer;

        public long InvalidatedEpoch = long.MinValue;

        public bool Refuses(in EntryLife life) =>
            Invalidated > life.Stamp || (InvalidatedByServer && life.IsEstimated) || InvalidatedEpoch >= life.Epoch;
    }

    private sealed class Stripe
    {
        public Lock Lock { get; } = new();

        public Dictionary<string, Ticket> Tickets { get; } = new(StringComparer.Ordinal);
    }
}
