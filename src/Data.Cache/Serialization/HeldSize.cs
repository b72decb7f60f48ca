using System.Runtime.CompilerServices;

namespace Data.Cache.Serialization;

/// <summary>The memory that values hold, as far as it follows from their type.</summary>
internal static class HeldSize
{
    private const int ArrayHeader = 24;
    private const int StringHeader = 24;
    private const int ObjectHeader = 16;

    /// <summary>Bytes of a byte array with its header.</summary>
    public static int Array(int length) => Clamp((long)length + ArrayHeader);

    /// <summary>Bytes of a value whose type tells; null for an object whose fields lead to others.</summary>
    public static int? Of<T>(T? value) => value switch
    {
        null => 0,
        string text => Clamp(StringHeader + ((long)text.Length * sizeof(char))),
        _ when !RuntimeHelpers.IsReferenceOrContainsReferences<T>() => Unsafe.SizeOf<T>() + ObjectHeader,
        _ => null,
    };

    public static int Clamp(long bytes) => (int)Math.Clamp(bytes, 0, int.MaxValue);
}
