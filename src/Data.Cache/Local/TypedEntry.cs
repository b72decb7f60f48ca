using System.Runtime.CompilerServices;
using Data.Cache.Serialization;

namespace Data.Cache.Local;

/// <summary>A value in the local level: the object itself where it can be shared, else its bytes, read anew for every caller.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
internal sealed class TypedEntry<T> : LocalEntry
{
    private readonly ValueSerializer<T>? _serializer;
    private readonly ReadOnlyMemory<byte> _payload;

    /// <summary>Makes an entry that hands out one object.</summary>
    public TypedEntry(string key, in EntryLife life, string[] tags, T? shared, int bytes)
        : base(key, life, tags, bytes, shared)
    {
    }

    /// <summary>Makes an entry that hands out copies.</summary>
    public TypedEntry(string key, in EntryLife life, string[] tags, ValueSerializer<T> serializer, ReadOnlyMemory<byte> payload)
        : base(key, life, tags, HeldSize.Array(payload.Length), shared: null)
    {
        _serializer = serializer;
        _payload = payload;
    }

    /// <summary>The value, for several callers.</summary>
    public Produced<T> Produced => _serializer is null
        ? new Produced<T>(Shared is { } shared ? Unbox(shared) : default)
        : new Produced<T>(_serializer, _payload);

    /// <summary>Takes the value for one caller. Returns false where the serializer fails to read it, which counts as a miss.</summary>
    public bool TryTake(out T? value)
    {
        if (Shared is not { } shared)
            return TryRead(out value);
        value = Unbox(shared);
        return true;
    }

    /// <summary>The same value with another life.</summary>
    public TypedEntry<T> With(in EntryLife life) => new(this, life);

    private TypedEntry(TypedEntry<T> source, in EntryLife life)
        : base(source, life)
    {
        _serializer = source._serializer;
        _payload = source._payload;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryRead(out T? value)
    {
        value = default;
        if (_serializer is null)
            return true;
        try
        {
            value = _serializer.Read(_payload);
            return true;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return false;
        }
    }

    // The constructor took a T, so a cast would only ask what is known.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Unbox(object shared) => typeof(T).IsValueType ? (T)shared : Unsafe.As<object, T>(ref shared);
}
