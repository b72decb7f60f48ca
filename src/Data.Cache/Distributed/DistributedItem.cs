using System.Buffers;
using System.Buffers.Binary;

namespace Data.Cache.Distributed;

/// <summary>A value of <c>IDistributedCache</c> with its expiration, as it is cached.</summary>
/// <param name="Sliding">How long it lives after its last use; zero for no such limit.</param>
/// <param name="Absolute">When it ends at the latest; null for no such limit.</param>
/// <param name="Bytes">The whole item: format 1, sliding ms 8, absolute ms since 1970 8 (0 for none), value.</param>
internal readonly record struct DistributedItem(TimeSpan Sliding, DateTimeOffset? Absolute, byte[] Bytes)
{
    private const byte Format = 1;
    private const int HeadLength = 17;

    public ReadOnlySpan<byte> Value => Bytes.AsSpan(HeadLength);

    public static DistributedItem Create(TimeSpan sliding, DateTimeOffset? absolute, in ReadOnlySequence<byte> value)
    {
        var bytes = new byte[HeadLength + value.Length];
        bytes[0] = Format;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), (long)sliding.TotalMilliseconds);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(9), absolute?.ToUnixTimeMilliseconds() ?? 0);
        value.CopyTo(bytes.AsSpan(HeadLength));
        return new DistributedItem(sliding, absolute, bytes);
    }

    /// <summary>Reads what was cached; null for what is not an item.</summary>
    public static DistributedItem? Read(byte[]? bytes)
    {
        if (bytes is not [Format, ..] || bytes.Length < HeadLength)
            return null;
        var absolute = BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(9));
        return new DistributedItem(
            TimeSpan.FromMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(1))),
            absolute == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(absolute),
            bytes);
    }
}
