namespace Data.Cache.Serialization;

/// <summary>A result handed to several callers: one object where it may be shared, else bytes that each caller reads anew.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
internal readonly struct Produced<T>
{
    private readonly T? _value;
    private readonly ValueSerializer<T>? _serializer;
    private readonly ReadOnlyMemory<byte> _payload;
    private readonly FirstCopy<T>? _first;

    public Produced(T? value, bool found = true)
    {
        _value = value;
        Found = found;
    }

    public Produced(ValueSerializer<T> serializer, ReadOnlyMemory<byte> payload, FirstCopy<T>? first = null)
    {
        _serializer = serializer;
        _payload = payload;
        _first = first;
        Found = true;
    }

    /// <summary>False when nothing was cached and no factory was allowed to run.</summary>
    public bool Found { get; }

    public T? Take()
    {
        if (_serializer is null)
            return _value;
        return _first is not null && _first.TryTake(out var copy) ? copy : _serializer.Read(_payload);
    }
}

/// <summary>The copy that was read to see whether the bytes are sound; one caller gets it.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
internal sealed class FirstCopy<T>(T? value)
{
    private T? _value = value;
    private int _taken;

    public bool TryTake(out T? value)
    {
        if (Interlocked.Exchange(ref _taken, 1) != 0)
        {
            value = default;
            return false;
        }

        value = _value;
        _value = default;
        return true;
    }
}
