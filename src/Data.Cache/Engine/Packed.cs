using Data.Cache.Serialization;

namespace Data.Cache.Engine;

/// <summary>A value ready to be cached.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
/// <param name="Value">The value; meaningful where it is shared.</param>
/// <param name="Payload">Its bytes; null where neither Redis nor copies need them.</param>
/// <param name="Serializer">Reads copies; null where the value is shared.</param>
/// <param name="IsNull">Whether it is a negative result.</param>
/// <param name="HeldBytes">What the value holds in memory, where it is shared.</param>
/// <param name="First">A copy for the first caller, where one is at hand.</param>
internal readonly record struct Packed<T>(
    T? Value,
    ReadOnlyMemory<byte>? Payload,
    ValueSerializer<T>? Serializer,
    bool IsNull,
    int HeldBytes = 0,
    FirstCopy<T>? First = null)
{
    public Produced<T> Produce() => Serializer is null ? new Produced<T>(Value) : new Produced<T>(Serializer, Payload!.Value, First);
}
