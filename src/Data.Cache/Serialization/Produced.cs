namespace Data.Cache.Serialization;

/// <summary>A result handed to several callers: one object where it may be shared, else bytes that each caller reads anew.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
internal readonly struct Produced<T>
{
    private readonly T? _value;
    private readonly ValueSerializer<T>? _serializer;
    private readonly ReadOnlyMemory<byte> _payload;

    public Produced(T? value, bool found = true)
    {
        _value = value;
        Found = found;
    }

    public Produced(ValueSerializer<T> serializer, ReadOnlyMemory<byte> payload)
    {
        _serializer = serializer;
        _payload = payload;
        Found = true;
    }

    /// <summary>False when nothing was cached and no factory was allowed to run.</summary>
    public bool Found { get; }

    public T? Take() => _serializer is null ? _value : _serializer.Read(_payload);
}
