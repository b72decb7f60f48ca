using System.Buffers;
using Data.Cache.Local;
using Data.Cache.Redis;
using Data.Cache.Serialization;
using Data.Cache.Telemetry;

namespace Data.Cache.Engine;

/// <summary>Converts values to what the two levels hold, and back.</summary>
internal sealed class EntryCodec(DataCacheOptions options, SerializerCatalog serializers, CacheLog log)
{
    private static readonly byte[] NoBytes = [];

    /// <summary>Serializes a value where that is needed. Returns null for what cannot be cached.</summary>
    public Packed<T>? Pack<T>(T? value, bool remote)
    {
        if (value is null)
            return new Packed<T>(default, NoBytes, null, IsNull: true);
        try
        {
            var serializer = serializers.Get<T>();
            if (serializer.IsShared && !remote && SizeOf(value, serializer) is { } size)
                return Fits(size) ? new Packed<T>(value, null, null, IsNull: false, size) : null;
            var buffer = new ArrayBufferWriter<byte>();
            serializer.Write(value, buffer);
            if (!Fits(buffer.WrittenCount))
                return null;

            var payload = buffer.WrittenSpan.ToArray();
            // What a miss returns must equal what a hit returns later, also where the contract leaves something out. What cannot be read
            // back is found here, while there still is a value for the callers.
            if (serializer.IsExact && serializer.IsShared)
                return new Packed<T>(value, payload, null, IsNull: false, SizeOf(value, serializer) ?? payload.Length);
            return Pack(serializer.Read(payload, out var bytes), payload, serializer, bytes);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            log.NotSerializable(typeof(T), exception);
            return null;
        }
    }

    /// <summary>Reads the payload of an envelope. Returns null for a damaged one, another type or an older schema.</summary>
    public Packed<T>? Unpack<T>(in EnvelopeHeader header, ReadOnlyMemory<byte> payload)
    {
        if (header.Flags.HasFlag(EnvelopeFlags.Null))
            return default(T) is null ? new Packed<T>(default, ReadOnlyMemory<byte>.Empty, null, IsNull: true) : null;
        try
        {
            var serializer = serializers.Get<T>();
            if (header.Schema != serializer.Schema)
                return null;
            var plain = payload;
            if (header.Flags.HasFlag(EnvelopeFlags.Compressed))
            {
                if (Compression.TryDecompress(payload.Span, options.MaximumPayloadBytes) is not { } unpacked)
                    return null;
                plain = unpacked;
            }

            // A copy is read once here, so that damage counts as a miss and does not fail the caller.
            return Pack(serializer.Read(plain, out var bytes), plain, serializer, bytes);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            log.Unreadable(typeof(T), exception);
            return null;
        }
    }

    /// <summary>Creates the entry of the local level.</summary>
    public static TypedEntry<T> ToEntry<T>(
        string name,
        in Packed<T> packed,
        in EntryLife life,
        string[] tags) => packed.Serializer is { } serializer
        ? new TypedEntry<T>(name, life, tags, serializer, packed.Payload!.Value)
        : new TypedEntry<T>(name, life, tags, packed.Value, packed.HeldBytes);

    /// <summary>Creates the envelope that Redis holds.</summary>
    public RemoteWrite ToWrite<T>(
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
        if (spec.Compresses && payload.Length >= options.CompressionThresholdBytes
            && Compression.TryCompress(payload.Span) is { } smaller)
        {
            payload = smaller;
            flags |= EnvelopeFlags.Compressed;
        }

        CacheMeter.Payload(options.KeyPrefix, packed.Payload!.Value.Length, payload.Length);
        var schema = packed.IsNull ? 0 : serializers.Get<T>().Schema;
        var header = new EnvelopeHeader(
            stamp,
            epoch,
            flags,
            (long)lifetime.TotalMilliseconds,
            (long)spec.MaxStale.TotalMilliseconds,
            schema,
            tags);
        var total = Math.Max(1, header.LifetimeMs + header.StaleMs);
        if (spec.Sliding is { } sliding)
            total = Math.Min(total, Math.Max(1, (long)sliding.TotalMilliseconds));
        return new RemoteWrite(name, Envelope.Write(header, payload.Span), epoch, total);
    }

    private bool Fits(int bytes)
    {
        if (bytes <= options.MaximumPayloadBytes)
            return true;
        log.Oversized(bytes, options.MaximumPayloadBytes);
        return false;
    }

    private static Packed<T> Pack<T>(T value, ReadOnlyMemory<byte> payload, ValueSerializer<T> serializer, int bytes) =>
        serializer.IsShared
            ? new Packed<T>(value, payload, null, IsNull: false, bytes)
            : new Packed<T>(default, payload, serializer, IsNull: false, First: new FirstCopy<T>(value));

    /// <summary>Returns what a value holds where that is known without serializing it, else null.</summary>
    private static int? SizeOf<T>(T value, ValueSerializer<T> serializer) =>
        HeldSize.Of(value) ?? (serializer.Sizer is { } sizer ? HeldSize.Clamp(sizer(value)) : null);
}
