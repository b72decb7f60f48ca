using Data.Cache.Invalidation;
using Data.Cache.Local;
using Data.Cache.Redis;
using Data.Cache.Serialization;

namespace Data.Cache.Engine;

internal enum RemoteReadKind
{
    Miss,
    Hit,

    /// <summary>Past its lifetime, but usable under fail-safe.</summary>
    Stale,

    /// <summary>Redis did not answer.</summary>
    Failed,
}

/// <summary>What Redis said of a key.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
/// <param name="Kind">What it is worth.</param>
/// <param name="Entry">The value, ready for the local level, when there is one.</param>
/// <param name="Produced">The value, ready for callers.</param>
/// <param name="SeenStamp">Stamp of what lies in Redis, usable or not; 0 for nothing.</param>
/// <param name="Failure">Why Redis did not answer, where that is known.</param>
internal readonly record struct RemoteRead<T>(
    RemoteReadKind Kind,
    TypedEntry<T>? Entry = null,
    Produced<T> Produced = default,
    long SeenStamp = 0,
    Exception? Failure = null);

/// <summary>Reads values from Redis and decides whether they may be used.</summary>
internal sealed class RemoteReader(CacheCore core)
{
    // Stamps are made by the server; one that lies an hour ahead of it is damage, and must not move the clock.
    private const long FutureTolerance = 3_600_000_000;

    public async ValueTask<RemoteRead<T>> ReadAsync<T>(string name, EntrySpec spec, TimeSpan deadline, CancellationToken cancellationToken)
    {
        if (core.Replay!.Distrusts(name))
            return new RemoteRead<T>(RemoteReadKind.Miss);
        var answer = await core.Store!.GetAsync(name, deadline, cancellationToken).ConfigureAwait(false);
        if (!answer.Succeeded)
        {
            core.Counters.RemoteFailures.Increment();
            return new RemoteRead<T>(RemoteReadKind.Failed, Failure: answer.Failure);
        }

        if (answer.Value is not { Length: > 0 } bytes || !Envelope.TryRead(bytes, out var header, out var payload))
            return new RemoteRead<T>(RemoteReadKind.Miss);
        if (header.Stamp > core.Stamps.Now + FutureTolerance)
            return new RemoteRead<T>(RemoteReadKind.Miss);
        var miss = new RemoteRead<T>(RemoteReadKind.Miss, SeenStamp: header.Stamp);
        var verdict = await JudgeAsync(header, deadline, cancellationToken).ConfigureAwait(false);
        return verdict == TagVerdict.Valid && Unpack<T>(header, payload) is { } packed ? Age(name, header, packed, spec, miss) : miss;
    }

    /// <summary>Whether the bytes of a key hold a fresh value that needs no further question.</summary>
    public bool TryUse<T>(byte[]? bytes, out Produced<T> produced)
    {
        produced = default;
        if (bytes is not { Length: > 0 } || !Envelope.TryRead(bytes, out var header, out var payload))
            return false;
        var age = core.Stamps.Now - header.Stamp;
        if (age < -FutureTolerance || age >= header.LifetimeMs * 1000 || core.Tags.Judge(header.Tags, header.Epoch) != TagVerdict.Valid)
            return false;
        if (Unpack<T>(header, payload) is not { } packed)
            return false;
        core.Stamps.Heard(header.Stamp);
        produced = packed.Produce();
        return true;
    }

    private RemoteRead<T> Age<T>(string name, in EnvelopeHeader header, in Packed<T> packed, in EntrySpec spec, in RemoteRead<T> miss)
    {
        var age = TimeSpan.FromMicroseconds(Math.Max(0, core.Stamps.Now - header.Stamp));
        var left = TimeSpan.FromMilliseconds(header.LifetimeMs) - age;
        var stale = TimeSpan.FromMilliseconds(header.StaleMs);
        if (left > TimeSpan.Zero)
        {
            var life = core.Entries.Life(new Stamped(header.Stamp, IsEstimated: false), header.Epoch, left, spec with { MaxStale = stale });
            return new RemoteRead<T>(
                RemoteReadKind.Hit,
                EntryFactory.Make(name, packed, life, header.Tags),
                packed.Produce(),
                header.Stamp);
        }

        if (left + stale <= TimeSpan.Zero || spec.MaxStale <= TimeSpan.Zero)
            return miss;
        var now = core.Clock.Milliseconds;
        var dead = new EntryLife(header.Stamp, IsEstimated: false, header.Epoch, now, now + (long)(left + stale).TotalMilliseconds, now);
        return new RemoteRead<T>(RemoteReadKind.Stale, EntryFactory.Make(name, packed, dead, header.Tags), SeenStamp: header.Stamp);
    }

    private async ValueTask<TagVerdict> JudgeAsync(EnvelopeHeader header, TimeSpan deadline, CancellationToken cancellationToken)
    {
        core.Stamps.Heard(header.Stamp);
        var verdict = core.Tags.Judge(header.Tags, header.Epoch);
        if (verdict != TagVerdict.Unknown)
            return verdict;
        var unknown = core.Tags.Unknown(header.Tags);
        var answer = await core.Store!.GetTagsAsync(unknown, deadline, cancellationToken).ConfigureAwait(false);
        if (!answer.Succeeded)
            return TagVerdict.Unknown;
        for (var i = 0; i < unknown.Length; i++)
            core.Tags.Learn(unknown[i], answer.Value[i]);
        return core.Tags.Judge(header.Tags, header.Epoch);
    }

    private Packed<T>? Unpack<T>(in EnvelopeHeader header, ReadOnlyMemory<byte> payload)
    {
        if (header.Flags.HasFlag(EnvelopeFlags.Null))
            return default(T) is null ? new Packed<T>(default, ReadOnlyMemory<byte>.Empty, null, IsNull: true) : null;
        try
        {
            var serializer = core.Serializers.Get<T>();
            if (header.Schema != serializer.Schema)
                return null;
            var plain = payload;
            if (header.Flags.HasFlag(EnvelopeFlags.Compressed))
            {
                if (Compression.TryDecompress(payload.Span, core.Options.MaximumPayloadBytes) is not { } unpacked)
                    return null;
                plain = unpacked;
            }

            // A copy is read once here, so that damage shows as a miss and not in the caller's face.
            var value = serializer.Read(plain);
            return serializer.IsShared ?
                new Packed<T>(value, plain, null, IsNull: false) :
                new Packed<T>(default, plain, serializer, IsNull: false, new FirstCopy<T>(value));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            core.Log.Unreadable(typeof(T), exception);
            return null;
        }
    }
}
