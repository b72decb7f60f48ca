using System.Buffers;
using System.Text;
using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Cache.Serialization;

/// <summary>How values of one type are written, read and handed out.</summary>
/// <typeparam name="T">The type.</typeparam>
internal abstract class ValueSerializer<T>
{
    /// <summary>Whether one instance may be handed to every caller.</summary>
    public bool IsShared { get; } = Immutability.Of<T>();

    /// <summary>Returns the bytes that a value holds in memory, where the application knows; null where it does not.</summary>
    public Func<T, long>? Sizer { get; init; }

    /// <summary>Whether writing and reading back yields the very same value, so that a miss need not do so to match a later hit.</summary>
    public virtual bool IsExact => false;

    /// <summary>Shape of the type: entries of another shape are misses.</summary>
    public abstract ulong Schema { get; }

    public abstract void Write(T value, IBufferWriter<byte> target);

    public abstract T Read(ReadOnlyMemory<byte> payload);

    /// <summary>Reads a value and finds out what it holds in memory.</summary>
    /// <remarks>
    /// Reading a graph of objects allocates it, and little else: the count errs towards more. The first read of a type also builds its
    /// converters, so one that allocates far more than its bytes is repeated.
    /// </remarks>
    public T Read(ReadOnlyMemory<byte> payload, out int heldBytes)
    {
        const int Suspicious = 32;
        var value = Count(payload, out var bytes);
        if (bytes > Suspicious * (payload.Length + 64L))
            value = Count(payload, out bytes);
        heldBytes = HeldSize.Of(value) ?? HeldSize.Clamp(Sizer?.Invoke(value) ?? bytes);
        return value;
    }

    private T Count(ReadOnlyMemory<byte> payload, out long bytes)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var value = Read(payload);
        bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        return value;
    }
}

/// <summary>Strings are UTF-8, unquoted.</summary>
internal sealed class StringSerializer : ValueSerializer<string>
{
    // Lone surrogates must fail to encode rather than come back as something else.
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public override bool IsExact => true;

    public override ulong Schema => 1;

    public override void Write(string value, IBufferWriter<byte> target) => Strict.GetBytes(value.AsSpan(), target);

    public override string Read(ReadOnlyMemory<byte> payload) => Strict.GetString(payload.Span);
}

/// <summary>Byte arrays are stored as they are.</summary>
internal sealed class BytesSerializer : ValueSerializer<byte[]>
{
    public override bool IsExact => true;

    public override ulong Schema => 2;

    public override void Write(byte[] value, IBufferWriter<byte> target) => target.Write(value);

    public override byte[] Read(ReadOnlyMemory<byte> payload) => payload.ToArray();
}

/// <summary>A serializer the application registered with the framework's interface.</summary>
/// <typeparam name="T">The type.</typeparam>
internal sealed class CustomSerializer<T>(IHybridCacheSerializer<T> inner) : ValueSerializer<T>
{
    public override ulong Schema { get; } = SchemaStamp.OfCustom(typeof(T), inner.GetType());

    public override void Write(T value, IBufferWriter<byte> target) => inner.Serialize(value, target);

    public override T Read(ReadOnlyMemory<byte> payload) => inner.Deserialize(new ReadOnlySequence<byte>(payload));
}
