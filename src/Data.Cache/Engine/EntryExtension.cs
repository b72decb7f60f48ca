using Data.Cache.Local;
using Data.Cache.Observation;

namespace Data.Cache.Engine;

/// <summary>Lets entries live on because they are used: the value stays as it is.</summary>
internal sealed class EntryExtension(
    LocalLevel local,
    FillTokens fills,
    RemoteLevel? remote,
    DistributedLevel? distributed,
    CacheCounters counters)
{
    /// <summary>Whether entries of this cache are kept in Redis now.</summary>
    public bool ReachesRedis => remote is { IsUsable: true };

    /// <summary>Extends the life of an entry with a copied value in both levels. An entry that is gone stays gone.</summary>
    /// <exception cref="CacheUnavailableException">Redis did not answer and the outage mode is Strict.</exception>
    public async ValueTask TouchAsync(string name, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        TouchLocal(name, (long)timeToLive.TotalMilliseconds);
        if (distributed is not null)
            await distributed.RefreshAsync(name, cancellationToken).ConfigureAwait(false);
        if (remote is null)
            return;
        var answer = await remote.Store.TouchAsync(name, timeToLive, cancellationToken).ConfigureAwait(false);
        if (answer.Succeeded)
            return;
        counters.RemoteFailures.Increment();
        if (remote.IsStrict)
            RemoteLevel.ThrowUnavailable("the extension of a lifetime", answer.Failure);
    }

    // The token before the entry is read: one that is removed or replaced meanwhile does not come back.
    private void TouchLocal(string name, long milliseconds)
    {
        var token = fills.Acquire(name);
        try
        {
            var now = local.Clock.Milliseconds;
            if (!local.Store.TryGet(name, out var entry)
                || entry is not TypedEntry<byte[]> typed
                || now >= entry.Life.FreshUntil
                || !local.IsValid(entry))
            {
                return;
            }

            var until = now + milliseconds;
            fills.TryPut(token, typed.With(entry.Life with { FreshUntil = until, StaleUntil = until, EagerAt = until }));
        }
        finally
        {
            fills.Release(token);
        }
    }
}
