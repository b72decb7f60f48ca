using Data.Cache.Internal;
using Data.Cache.Invalidation;
using Data.Cache.Observation;
using Data.Cache.Redis;
using Data.Cache.Serialization;

namespace Data.Cache.Engine;

/// <summary>Reads values from Redis and decides whether they may be used.</summary>
internal sealed class RemoteReader(
    RemoteLevel? remote,
    TagStamps tags,
    EntryCodec codec,
    EntryLifetimes lifetimes,
    StampClock stamps,
    CacheCounters counters)
{
    // The server makes the stamps; one that lies an hour ahead of it is damaged and must not move the clock.
    private const long FutureTolerance = 3_600_000_000;

    /// <summary>Reads a value.</summary>
    /// <param name="name">Full name of the key.</param>
    /// <param name="spec">What the caller accepts.</param>
    /// <param name="budget">How long the caller may still wait for Redis.</param>
    /// <param name="asksForLease">Whether to request the lease when there is no value.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    public async ValueTask<RemoteRead<T>> ReadAsync<T>(
        string name, EntrySpec spec, RemoteBudget budget, bool asksForLease, CancellationToken cancellationToken)
    {
        if (remote!.Replayer.Queue.HasPending(name))
            return new RemoteRead<T>(RemoteReadKind.Miss);
        if (budget.IsSpent)
            return new RemoteRead<T>(RemoteReadKind.Failed);
        var (answer, lease) = await FetchAsync(name, budget, asksForLease, cancellationToken).ConfigureAwait(false);
        if (!answer.Succeeded)
        {
            counters.RemoteFailures.Increment();
            return new RemoteRead<T>(RemoteReadKind.Failed, Failure: answer.Failure);
        }

        if (answer.Value is not { Length: > 0 } bytes || !Envelope.TryRead(bytes, out var header, out var payload))
            return new RemoteRead<T>(RemoteReadKind.Miss, Lease: lease);
        if (header.Stamp > stamps.Now + FutureTolerance)
            return new RemoteRead<T>(RemoteReadKind.Miss);
        var miss = new RemoteRead<T>(RemoteReadKind.Miss, SeenStamp: header.Stamp);
        var verdict = await JudgeAsync(header, budget, cancellationToken).ConfigureAwait(false);
        return verdict == TagVerdict.Valid && codec.Unpack<T>(header, payload) is { } packed ? Age(name, header, packed, spec, miss) : miss;
    }

    /// <summary>Reads a value that is fresh and whose tags need no further question to Redis.</summary>
    public bool TryUse<T>(byte[]? bytes, out Produced<T> produced)
    {
        produced = default;
        if (bytes is not { Length: > 0 } || !Envelope.TryRead(bytes, out var header, out var payload))
            return false;
        var age = stamps.Now - header.Stamp;
        if (age < -FutureTolerance || age >= header.LifetimeMs * 1000 || tags.Judge(header.Tags, header.Epoch) != TagVerdict.Valid)
            return false;
        if (codec.Unpack<T>(header, payload) is not { } packed)
            return false;
        stamps.Observe(header.Stamp);
        produced = packed.Produce();
        return true;
    }

    /// <summary>Decides about bytes by what this node knows, without a question to the second level.</summary>
    public RemoteRead<T> Interpret<T>(string name, byte[]? bytes, in EntrySpec spec)
    {
        if (bytes is not { Length: > 0 }
            || !Envelope.TryRead(bytes, out var header, out var payload)
            || header.Stamp > stamps.Now + FutureTolerance)
        {
            return new RemoteRead<T>(RemoteReadKind.Miss);
        }

        var miss = new RemoteRead<T>(RemoteReadKind.Miss, SeenStamp: header.Stamp);
        stamps.Observe(header.Stamp);
        return tags.Judge(header.Tags, header.Epoch) == TagVerdict.Valid && codec.Unpack<T>(header, payload) is { } packed
            ? Age(name, header, packed, spec, miss)
            : miss;
    }

    private async ValueTask<(RemoteResult<byte[]?> Answer, long Lease)> FetchAsync(
        string name, RemoteBudget budget, bool asksForLease, CancellationToken cancellationToken)
    {
        var store = remote!.Store;
        if (!asksForLease)
            return (await budget.SpendAsync(store.GetAsync(name, budget.Left, cancellationToken)).ConfigureAwait(false), 0);
        var answer = await budget.SpendAsync(store.GetOrLeaseAsync(name, budget.Left, cancellationToken)).ConfigureAwait(false);
        if (!answer.Succeeded)
            return (new RemoteResult<byte[]?>(answer.Failure), 0);
        stamps.Observe(answer.Value.Stamp);
        return (new RemoteResult<byte[]?>(answer.Value.Bytes), answer.Value.Stamp);
    }

    private RemoteRead<T> Age<T>(string name, in EnvelopeHeader header, in Packed<T> packed, in EntrySpec spec, in RemoteRead<T> miss)
    {
        var age = TimeSpan.FromMicroseconds(Math.Max(0, stamps.Now - header.Stamp));
        var left = TimeSpan.FromMilliseconds(header.LifetimeMs) - age;
        var stale = TimeSpan.FromMilliseconds(header.StaleMs);
        if (left > TimeSpan.Zero)
        {
            var stamp = new EntryStamp(header.Stamp, IsEstimated: false);
            var life = lifetimes.Fresh(stamp, header.Epoch, left, spec with { MaxStale = stale });
            return new RemoteRead<T>(
                RemoteReadKind.Hit,
                EntryCodec.ToEntry(name, packed, life, header.Tags),
                packed.Produce(),
                header.Stamp);
        }

        if (left + stale <= TimeSpan.Zero || spec.MaxStale <= TimeSpan.Zero)
            return miss;
        var past = lifetimes.Stale(header.Stamp, header.Epoch, left + stale);
        return new RemoteRead<T>(
            RemoteReadKind.Stale,
            EntryCodec.ToEntry(name, packed, past, header.Tags),
            SeenStamp: header.Stamp);
    }

    private async ValueTask<TagVerdict> JudgeAsync(EnvelopeHeader header, RemoteBudget budget, CancellationToken cancellationToken)
    {
        stamps.Observe(header.Stamp);
        var verdict = tags.Judge(header.Tags, header.Epoch);
        if (verdict != TagVerdict.Unknown || budget.IsSpent)
            return verdict;
        var unknown = tags.Unknown(header.Tags);
        var answer = await budget.SpendAsync(remote!.Store.GetTagsAsync(unknown, budget.Left, cancellationToken)).ConfigureAwait(false);
        if (!answer.Succeeded)
            return TagVerdict.Unknown;
        for (var i = 0; i < unknown.Length; i++)
            tags.Learn(unknown[i], answer.Value[i]);
        return tags.Judge(header.Tags, header.Epoch);
    }
}
