using System.Buffers.Binary;
using System.Numerics;

namespace Data.Vector.Storage;

/// <summary>
/// The Castagnoli checksum (CRC-32C) of every file of a store, by the processor's own instruction where there is one.
/// </summary>
internal static class Crc32C
{
    /// <summary>Returns the checksum of <paramref name="data"/>; <paramref name="seed"/> is the checksum of what precedes it.</summary>
    public static uint Compute(ReadOnlySpan<byte> data, uint seed = 0) => ~Update(~seed, data);

    /// <summary>Advances a register by bytes. The register is the checksum without the inversions at its start and end.</summary>
    public static uint Update(uint register, ReadOnlySpan<byte> data)
    {
        while (data.Length >= sizeof(ulong))
        {
            register = Update(register, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[sizeof(ulong)..];
        }

        foreach (var value in data)
            register = BitOperations.Crc32C(register, value);

        return register;
    }

    /// <summary>Advances a register by eight bytes, little-endian.</summary>
    public static uint Update(uint register, ulong word) => BitOperations.Crc32C(register, word);
}
