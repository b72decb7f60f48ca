using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Data.Vector.Storage;

/// <summary>
/// The checksum that a snapshot's table of sections holds: four <see cref="Crc32C"/> registers over the section's 32-byte blocks, one per
/// eight-byte column, folded into 64 bits with the length.
/// </summary>
/// <remarks>
/// The processor's instruction has a latency of three cycles: four registers keep up with memory where one does not, and opening a
/// snapshot verifies all of it. The bytes that follow the last whole block go to the first register. Each register detects every burst of
/// up to 32 bits. The value is part of snapshot format version 1.
/// </remarks>
internal struct SectionChecksum
{
    private const int Block = 4 * sizeof(ulong);

    private const uint UpperSeed = 0x9E3779B9, LowerSeed = 0x7F4A7C15;

    private uint _a;
    private uint _b;
    private uint _c;
    private uint _d;
    private long _length;

    /// <summary>The checksum so far. It depends on the length, so that zeros at the end count.</summary>
    public readonly ulong Value
    {
        get
        {
            var upper = Fold(UpperSeed, _a, _b);
            var lower = Fold(LowerSeed, _c, _d);
            return ((ulong)upper << 32) | lower;
        }
    }

    /// <summary>Adds bytes; the length of every call but the last is a multiple of 32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Append(ReadOnlySpan<byte> bytes)
    {
        _length += bytes.Length;
        var whole = bytes.Length / Block * Block;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes[..whole]);
        uint a = _a, b = _b, c = _c, d = _d;
        for (var i = 0; i + 3 < words.Length; i += 4)
        {
            a = Crc32C.Update(a, words[i]);
            b = Crc32C.Update(b, words[i + 1]);
            c = Crc32C.Update(c, words[i + 2]);
            d = Crc32C.Update(d, words[i + 3]);
        }

        (_a, _b, _c, _d) = (Crc32C.Update(a, bytes[whole..]), b, c, d);
    }

    private readonly uint Fold(uint seed, uint first, uint second) =>
        Crc32C.Update(Crc32C.Update(seed, ((ulong)first << 32) | second), (ulong)_length);
}
