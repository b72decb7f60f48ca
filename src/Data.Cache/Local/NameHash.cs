using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Data.Cache.Local;

/// <summary>Hash of a name, which can be put together from those of its scope and its key, so that no hit has to join the two.</summary>
/// <remarks>
/// Eight bytes at a time through a 64 by 64 bit multiplication whose halves are folded (Wang Yi's wyhash). Seeded anew in every process,
/// so that keys which collide cannot be prepared outside.
/// </remarks>
internal static class NameHash
{
    private const char ScopeMark = '\u0001';
    private const ulong First = 0xA0761D6478BD642F;
    private const ulong Second = 0xE7037ED1A0B428DB;
    private const ulong Third = 0x8EBC6AF09C88C6E3;
    private static readonly ulong Seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    /// <summary>Characters of a full name that belong to its scope, marks included; 0 at the root.</summary>
    public static int ScopeLength(string name) => name.Length > 0 && name[0] == ScopeMark ? name.IndexOf(ScopeMark, 1) + 1 : 0;

    /// <summary>Hash of a scope's prefix; any for the root's empty one.</summary>
    public static ulong OfScope(ReadOnlySpan<char> prefix) => Of(Seed, prefix);

    /// <summary>Hash of a key inside a scope.</summary>
    public static uint OfKey(ulong scope, ReadOnlySpan<char> key)
    {
        var hash = Of(scope, key);
        return (uint)(hash ^ (hash >> 32));
    }

    // Up to 48 bytes, which most keys are, no multiplication waits for another.
    private static ulong Of(ulong seed, ReadOnlySpan<char> text)
    {
        ref var at = ref Unsafe.As<char, byte>(ref MemoryMarshal.GetReference(text));
        var length = (nuint)(uint)text.Length * sizeof(char);
        seed ^= length;
        if (length < 8)
        {
            var few = 0UL;
            foreach (var c in text)
                few = (few << 16) | c;
            return Fold(few ^ First, seed);
        }

        if (length < 16)
            return Fold(Read(ref at, 0) ^ First, Read(ref at, length - 8) ^ seed);
        var hash = Fold(Read(ref at, length - 16) ^ First, Read(ref at, length - 8) ^ seed);
        if (length <= 16)
            return hash;
        hash ^= Fold(Read(ref at, 0) ^ Second, Read(ref at, 8) ^ seed);
        if (length <= 32)
            return hash;
        hash ^= Fold(Read(ref at, 16) ^ Third, Read(ref at, 24) ^ seed);
        for (nuint i = 48; i < length; i += 16)
            hash = Fold(Read(ref at, i - 16) ^ hash, Read(ref at, i - 8) ^ seed);
        return hash;
    }

    private static ulong Read(ref byte at, nuint offset) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.AddByteOffset(ref at, offset));

    private static ulong Fold(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out var low);
        return high ^ low;
    }
}
