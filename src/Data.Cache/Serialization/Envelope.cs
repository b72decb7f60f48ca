using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Data.Cache.Serialization;

/// <summary>The bytes of a value in Redis: one plain GET reads header and payload.</summary>
// 0  'D', 1                 format
// 2  stamp       8 bytes    big-endian, so that a script reads it with struct.unpack('>I8')
// 10 flags       1
// 11 lifetime ms 8
// 19 stale ms    8
// 27 schema      8
// 35 epoch       8
// 43 checksum    4          CRC-32C of everything but format, stamp and itself: the server sets the stamp
// 47 tag count   2          then each tag: length 2, UTF-8
// .. payload
internal static class Envelope
{
    public const int StampOffset = 2;
    public const int TailOffset = 10;
    private const int ChecksumOffset = 43;
    private const int TagsOffset = 47;
    private const int FixedLength = 49;

    /// <summary>Writes an envelope; the stamp may be replaced later at <see cref="StampOffset"/>.</summary>
    public static byte[] Write(in EnvelopeHeader header, ReadOnlySpan<byte> payload)
    {
        var length = FixedLength + payload.Length;
        foreach (var tag in header.Tags)
            length += sizeof(ushort) + Encoding.UTF8.GetByteCount(tag);
        var bytes = new byte[length];
        var span = bytes.AsSpan();
        span[0] = (byte)'D';
        span[1] = 1;
        BinaryPrimitives.WriteInt64BigEndian(span[StampOffset..], header.Stamp);
        span[TailOffset] = (byte)header.Flags;
        BinaryPrimitives.WriteInt64BigEndian(span[11..], header.LifetimeMs);
        BinaryPrimitives.WriteInt64BigEndian(span[19..], header.StaleMs);
        BinaryPrimitives.WriteUInt64BigEndian(span[27..], header.Schema);
        BinaryPrimitives.WriteInt64BigEndian(span[35..], header.Epoch);
        BinaryPrimitives.WriteUInt16BigEndian(span[TagsOffset..], checked((ushort)header.Tags.Length));
        var at = FixedLength;
        foreach (var tag in header.Tags)
        {
            var size = Encoding.UTF8.GetBytes(tag, span[(at + sizeof(ushort))..]);
            BinaryPrimitives.WriteUInt16BigEndian(span[at..], checked((ushort)size));
            at += sizeof(ushort) + size;
        }

        payload.CopyTo(span[at..]);
        BinaryPrimitives.WriteUInt32BigEndian(span[ChecksumOffset..], Checksum(span));
        return bytes;
    }

    /// <summary>Reads an envelope. Returns false for anything that is not one, whole and undamaged.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, out EnvelopeHeader header, out ReadOnlyMemory<byte> payload)
    {
        header = default;
        payload = default;
        var span = bytes.Span;
        if (span.Length < FixedLength || span[0] != (byte)'D' || span[1] != 1)
            return false;
        if (BinaryPrimitives.ReadUInt32BigEndian(span[ChecksumOffset..]) != Checksum(span))
            return false;
        var count = BinaryPrimitives.ReadUInt16BigEndian(span[TagsOffset..]);
        var tags = count == 0 ? [] : new string[count];
        var at = FixedLength;
        for (var i = 0; i < tags.Length; i++)
        {
            if (span.Length < at + sizeof(ushort))
                return false;
            var size = BinaryPrimitives.ReadUInt16BigEndian(span[at..]);
            at += sizeof(ushort);
            if (span.Length < at + size)
                return false;
            tags[i] = Encoding.UTF8.GetString(span.Slice(at, size));
            at += size;
        }

        header = new EnvelopeHeader(
            BinaryPrimitives.ReadInt64BigEndian(span[StampOffset..]),
            BinaryPrimitives.ReadInt64BigEndian(span[35..]),
            (EnvelopeFlags)span[TailOffset],
            BinaryPrimitives.ReadInt64BigEndian(span[11..]),
            BinaryPrimitives.ReadInt64BigEndian(span[19..]),
            BinaryPrimitives.ReadUInt64BigEndian(span[27..]),
            tags);
        payload = bytes[at..];
        return header is { LifetimeMs: >= 0, StaleMs: >= 0, Stamp: >= 0, Epoch: >= 0 };
    }

    /// <summary>Returns the stamp at the head of an envelope; 0 for anything else.</summary>
    public static long StampOf(ReadOnlySpan<byte> head) =>
        head is [(byte)'D', 1, ..] && head.Length >= TailOffset ? BinaryPrimitives.ReadInt64BigEndian(head[StampOffset..]) : 0;

    private static uint Checksum(ReadOnlySpan<byte> envelope) =>
        Crc32C(Crc32C(uint.MaxValue, envelope[TailOffset..ChecksumOffset]), envelope[TagsOffset..]);

    private static uint Crc32C(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
            crc = BitOperations.Crc32C(crc, word);
        foreach (var single in bytes[(bytes.Length & ~7)..])
            crc = BitOperations.Crc32C(crc, single);
        return crc;
    }
}
