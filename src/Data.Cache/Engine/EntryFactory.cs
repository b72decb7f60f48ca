using System.Buffers;
using Data.Cache.Local;
using Data.Cache.Redis;
using Data.Cache.Serialization;
using Data.Cache.Telemetry;

namespace Data.Cache.Engine;

/// <summary>A value ready to be cached.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
/// <param name="Value">The value; meaningful where it is shared.</param>
/// <param name="Payload">Its bytes; null where neither Redis nor copies need them.</param>
/// <param name="Serializer">Reads copies; null where the value is shared.</param>
/// <param name="IsNull">Whether it is a negative result.</param>
/// <param name="First">A copy for the first caller, where one is at hand.</param>
internal readonly record struct Packed<T>(
    T? Value,
    ReadOnlyMemory<byte>? Payload,
    ValueSerializer<T>? Serializer,
    bool IsNull,
    FirstCopy<T>? First = null)
{
    public Produced<T> Produce() => Serializer is null ? new Produced<T>(Value) : new Produced<T>(Serializer, Payload!.Value, First);
}

/// <summary>Turns values into what the two levels hold.</summary>
internal sealed class EntryFactory(CacheCore core)
{
    private static readonly byte[] NoBytes = [];

    /// <summary>Serialises a value where that is needed. Returns null for what cannot be cached.</summary>
    public Packed<T>? Pack<T>(T? value, bool remote)
    {
        if (value is null)
            return new Packed<T>(default, NoBytes, null, IsNull: true);
        try
        {
            var serializer = core.Serializers.Get<T>();
            if (serializer.IsShared && !remote && EstimateShared(value) is { } size)
                return Fits(size) ? new Packed<T>(value, null, null, IsNull: false) : null;
            var buffer = new ArrayBufferWriter<byte>();
            serializer.Write(value, buffer);
            if (!Fits(buffer.WrittenCount))
                return null;

            var payload = buffer.WrittenSpan.ToArray();
            if (!serializer.IsShared)
                return new Packed<T>(default, payload, serializer, IsNull: false);

            // What a miss returns must equal what a hit returns later, also where the contract leaves something out.
            return new Packed<T>(serializer.IsExact ? value : serializer.Read(payload), payload, null, IsNull: false);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            core.Log.Unserialisable(typeof(T), exception);
            return null;
        }
    }

    public static TypedEntry<T> Make<T>(
        string name,
        in Packed<T> packed,
        in EntryLife life,
        string[] tags) => packed.Serializer is { } serializer
        ? new TypedEntry<T>(name, life, tags, serializer, packed.Payload!.Value)
        : new TypedEntry<T>(name, life, tags, packed.Value, packed.Payload?.Length ?? EstimateShared(packed.Value) ?? 0);

    public RemoteWrite Wrap<T>(
        string name,
        in Packed<T> packed,
        long stamp,
        long epoch,
        TimeSpan lifetime,
        in EntrySpec spec,
        string[] tags)
    {
        var flags = packed.IsNull ? EnvelopeFlags.Null : EnvelopeFlags.None;
        var payload = packed.Payload!.Value;
        if (spec.Compresses && payload.Length >= core.Options.CompressionThresholdBytes
            && Compression.TryCompress(payload.Span) is { } smaller)
        {
            payload = smaller;
            flags |= EnvelopeFlags.Compressed;
        }

        CacheMeter.Payload(core.Name, packed.Payload!.Value.Length, payload.Length);
        var schema = packed.IsNull ? 0 : core.Serializers.Get<T>().Schema;
        var header = new EnvelopeHeader(
            stamp,
            epoch,
            flags,
            (long)lifetime.TotalMilliseconds,
            (long)spec.MaxStale.TotalMilliseconds,
            schema,
            tags);
        var total = Math.Max(1, header.LifetimeMs + header.StaleMs);
        return new RemoteWrite(name, Envelope.Write(header, payload.Span), epoch, total);
    }

    /// <summary>
    /// Lifetime of an entry about to be made: its own or the negative one, shortened by the jitter and, with tags, by what Redis remembers
    /// of them.
    /// </summary>
    public TimeSpan Lifetime(in EntrySpec spec, bool isNull, string[] tags)
    {
        var lifetime = isNull ? spec.NegativeExpiration : spec.Expiration;
        if (tags.Length > 0 && lifetime + spec.MaxStale > core.Options.TagRetention)
            lifetime = core.Options.TagRetention > spec.MaxStale ? core.Options.TagRetention - spec.MaxStale : TimeSpan.Zero;
        return lifetime * (1 - (Random.Shared.NextDouble() * core.Options.ExpirationJitter));
    }

    /// <summary>The life in this process of an entry that has so much left.</summary>
    public EntryLife Life(Stamped stamp, long epoch, TimeSpan left, in EntrySpec spec)
    {
        var now = core.Clock.Milliseconds;
        var fresh = (long)Math.Min(left.TotalMilliseconds, spec.LocalExpiration.TotalMilliseconds);
        var eager = spec.EagerRefresh > 0 ? (long)(fresh * spec.EagerRefresh) : fresh;
        return new EntryLife(
            stamp.Stamp,
            stamp.IsEstimated,
            epoch,
            now + fresh,
            now + (long)left.TotalMilliseconds + (long)spec.MaxStale.TotalMilliseconds,
            now + eager);
    }

    private bool Fits(int bytes)
    {
        if (bytes <= core.Options.MaximumPayloadBytes)
            return true;
        core.Log.Oversized(bytes, core.Options.MaximumPayloadBytes);
        return false;
    }

    /// <summary>Bytes of an object whose size is known without serialising it, else null.</summary>
    private static int? EstimateShared<T>(T? value) => value switch
    {
        null => 0,
        string text => text.Length * sizeof(char),
        _ when !System.Runtime.CompilerServices.RuntimeHelpers
            .IsReferenceOrContainsReferences<T>() => System.Runtime.CompilerServices.Unsafe.SizeOf<T>(),
        _ => null,
    };
}
