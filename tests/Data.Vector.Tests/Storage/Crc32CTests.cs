using Data.Vector.Storage;

namespace Data.Vector.Tests.Storage;

public sealed class Crc32CTests
{
    private const uint Castagnoli = 0x82F63B78;

    public static TheoryData<int> Lengths => [0, 1, 7, 8, 9, 31, 32, 33, 63, 64, 100, 4_095, 4_096, 4_100];

    [Fact]
    public void Compute_CheckString_IsThePublishedValue() => Crc32C.Compute("123456789"u8).ShouldBe(0xE3069283);

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Compute_AnyLength_EqualsBitByBit(int length)
    {
        var bytes = Bytes(length);
        Crc32C.Compute(bytes).ShouldBe(BitByBit(bytes));
        Crc32C.Compute(bytes.AsSpan(length / 3), Crc32C.Compute(bytes.AsSpan(0, length / 3))).ShouldBe(BitByBit(bytes));
    }

    // The definition in snapshot format 1: one register per eight-byte column of 32-byte blocks; the remaining bytes go to the first one.
    [Theory]
    [MemberData(nameof(Lengths))]
    public void SectionChecksum_AnyLength_FoldsTheChecksumsOfItsColumns(int length)
    {
        var bytes = Bytes(length);
        var checksum = default(SectionChecksum);
        var first = length / 64 * 32;
        checksum.Append(bytes.AsSpan(0, first));
        checksum.Append(bytes.AsSpan(first));

        var whole = length / 32 * 32;
        var registers = new uint[4];
        for (var column = 0; column < registers.Length; column++)
        {
            var part = new List<byte>();
            for (var at = column * 8; at < whole; at += 32)
                part.AddRange(bytes.AsSpan(at, 8));
            if (column == 0)
                part.AddRange(bytes.AsSpan(whole));
            registers[column] = ~Crc32C.Compute([.. part], seed: uint.MaxValue);
        }

        var upper = Fold(0x9E3779B9, registers[0], registers[1], length);
        var lower = Fold(0x7F4A7C15, registers[2], registers[3], length);
        checksum.Value.ShouldBe(((ulong)upper << 32) | lower);
    }

    private static uint Fold(uint seed, uint first, uint second, long length) =>
        ~Crc32C.Compute([.. BitConverter.GetBytes(((ulong)first << 32) | second), .. BitConverter.GetBytes(length)], ~seed);

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private static uint BitByBit(byte[] bytes)
    {
        var register = uint.MaxValue;
        foreach (var value in bytes)
        {
            register ^= value;
            for (var bit = 0; bit < 8; bit++)
                register = (register >> 1) ^ ((register & 1) * Castagnoli);
        }

        return ~register;
    }
}
