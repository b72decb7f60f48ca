namespace Data.Cache.Local;

/// <summary>Keeps a value that was invalidated while it was read or made out of the local level.</summary>
/// <remarks>
/// The token of Nishtala et al. 2013 within one process; see Engine/design.md. A token's record and the store's change share a lock:
/// either the invalidation is recorded first and the fill is refused, or the fill comes first and the removal that follows the record
/// finds it.
/// </remarks>
internal sealed class FillTokens(LocalStore store)
{
    private const int Stripes = 64;

    // Answers about one key may arrive in another order than they were given: where two differ, no value in progress is right.
    private const long NoStamp = -1;
    private readonly Stripe[] _stripes = [.. Enumerable.Range(0, Stripes).Select(static _ => new Stripe())];

    /// <summary>Issues the token of a name; concurrent holders share one.</summary>
    public FillToken Acquire(string name)
    {
        var stripe = For(name);
        lock (stripe.Lock)
        {
            if (!stripe.Tokens.TryGetValue(name, out var token))
                stripe.Tokens.Add(name, token = new FillToken(name));
            token.Holders++;
            return token;
        }
    }

    public void Release(FillToken token)
    {
        var stripe = For(token.Name);
        lock (stripe.Lock)
        {
            if (--token.Holders == 0)
                stripe.Tokens.Remove(token.Name);
        }
    }

    /// <summary>Whether an entry of this life was invalidated since the token was issued.</summary>
    public bool Refuses(FillToken token, in EntryLife life)
    {
        lock (For(token.Name).Lock)
            return token.Refuses(life);
    }

    /// <summary>Stores an entry unless it was invalidated since the token was issued.</summary>
    public bool TryPut(FillToken token, LocalEntry entry)
    {
        List<LocalEntry>? evicted;
        lock (For(token.Name).Lock)
        {
            if (token.Refuses(entry.Life))
                return false;
            store.Put(entry, out evicted);
        }

        store.Report(evicted);
        return true;
    }

    /// <summary>
    /// Removes an entry older than the stamp and refuses older fills in progress. A stamp of the server supersedes every estimate.
    /// </summary>
    public void Invalidate(string name, long stamp, bool byServer)
    {
        var stripe = For(name);
        lock (stripe.Lock)
        {
            if (stripe.Tokens.TryGetValue(name, out var token))
            {
                token.Invalidated = Math.Max(token.Invalidated, stamp);
                token.InvalidatedByServer |= byServer;
            }
        }

        store.RemoveOlder(name, stamp, byServer);
    }

    /// <summary>
    /// Does the same for every name that a condition accepts, up to an epoch. Returns the number of entries removed.
    /// </summary>
    public int InvalidateWhere(Func<string, bool> condition, long epoch)
    {
        foreach (var stripe in _stripes)
        {
            lock (stripe.Lock)
            {
                foreach (var token in stripe.Tokens.Values)
                {
                    if (condition(token.Name))
                        token.InvalidatedEpoch = Math.Max(token.InvalidatedEpoch, epoch);
                }
            }
        }

        return store.RemoveWhere(
            static (entry, state) => entry.Life.Epoch <= state.epoch && state.condition(entry.Key),
            (condition, epoch));
    }

    /// <summary>Removes every entry and refuses the fills in progress.</summary>
    public void Clear()
    {
        foreach (var stripe in _stripes)
        {
            lock (stripe.Lock)
            {
                foreach (var token in stripe.Tokens.Values)
                    token.IsCleared = true;
            }
        }

        store.RemoveWhere(static (_, _) => true, 0);
    }

    /// <summary>Whether a name has an entry or a fill in progress, so that an invalidation of it changes anything.</summary>
    public bool Knows(string name)
    {
        var stripe = For(name);
        lock (stripe.Lock)
        {
            if (stripe.Tokens.ContainsKey(name))
                return true;
        }

        return store.Contains(name);
    }

    /// <summary>
    /// Removes the entry of a name and refuses fills in progress, all but the value that has a stamp; 0 for none.
    /// </summary>
    public void KeepOnly(string name, long stamp)
    {
        var stripe = For(name);
        lock (stripe.Lock)
        {
            if (stripe.Tokens.TryGetValue(name, out var token))
                token.OnlyStamp = token.OnlyStamp is { } before && before != stamp ? NoStamp : stamp;
        }

        store.RemoveUnless(name, stamp);
    }

    private Stripe For(string name) => _stripes[name.GetHashCode(StringComparison.Ordinal) & (Stripes - 1)];

    private sealed class Stripe
    {
        public Lock Lock { get; } = new();

        public Dictionary<string, FillToken> Tokens { get; } = new(StringComparer.Ordinal);
    }
}
