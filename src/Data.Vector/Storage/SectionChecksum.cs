using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Data.Vector.Storage;

/// <summary>
/// CRC-32C over four interleaved streams of eight-byte words, so that the processor's instruction, which has a latency of three
/// cycles, keeps up with memory. Detects every burst of up to 32 bits, as each stream does.
/// </summary>
internal struct SectionChecksum
{
    private const int Block = 4 * sizeof(ulong);

    private uint _a;
    private uint _b;
    private uint _c;
    private uint _d;
    private long _length;

    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        var checksum = default(SectionChecksum);
        checksum.Append(bytes);
        return checksum.Value;
    }

    /// <summary>The sum so far; it depends on the length too, so that zeros at the end count.</summary>
    public readonly ulong Value
    {
        get
        {
            var ends = BitOperations.Crc32C(BitOperations.Crc32C(0x9E3779B9, ((ulong)_a << 32) | _b), (ulong)_length);
            var middle = BitOperations.Crc32C(BitOperations.Crc32C(0x7F4A7C15, ((ulong)_c << 32) | _d), (ulong)_length);
            return ((ulong)ends << 32) | middle;
        }
    }

    /// <summary>Adds bytes; all calls but the last must bring a multiple of 32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Append(ReadOnlySpan<byte> bytes)
    {
        _length += bytes.Length;
        var whole = bytes.Length / Block * Block;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes[..whole]);
        uint a = _a, b = _b, c = _c, d = _d;
        for (var i = 0; i + 3 < words.Length; i += 4)
        {
            a = BitOperations.Crc32C(a, words[i]);
            b = BitOperations.Crc32C(b, words[i + 1]);
            c = BitOperations.Crc32C(c, words[i + 2]);
            d = BitOperations.Crc32C(d, words[i + 3]);
        }

        foreach (var rest in bytes[whole..])
            a = BitOperations.Crc32C(a, rest);
        (_a, _b, _c, _d) = (a, b, c, d);
    }
}
