using System.Buffers.Binary;
using System.Globalization;

namespace Data.Vector.Storage;

/// <summary>The layout of a journal file: a header, then one frame per write.</summary>
/// <remarks>
/// Header, 64 bytes: magic, format version, the collection's identity, the segment's number, the number of the entry before its first,
/// checksum. Frame: magic, length of the content, number of the entry, checksum of the content, checksum of these; then the content.
/// Numbers rise by one across segments, so that a segment that lost its end, or is missing, shows.
/// </remarks>
internal static class JournalSegment
{
    public const int HeaderSize = 64;
    public const int FrameHeaderSize = 24;
    public const int FormatVersion = 1;
    public const int MaxContent = 1 << 30;

    private const ulong Magic = 0x3130_4C4E_524A_5644; // "DVJRNL01"
    private const uint FrameMagic = 0x4652_4A56; // "VJRF"
    private const int HeaderChecksumAt = 60, FrameChecksumAt = 20;

    public static string FileName(long segment) => $"journal-{segment.ToString("D8", CultureInfo.InvariantCulture)}.log";

    public static void WriteHeader(Span<byte> header, Guid collection, long segment, long sequenceBefore)
    {
        header.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], FormatVersion);
        collection.TryWriteBytes(header[16..]);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], segment);
        BinaryPrimitives.WriteInt64LittleEndian(header[40..], sequenceBefore);
        BinaryPrimitives.WriteUInt32LittleEndian(header[HeaderChecksumAt..], Crc32C.Compute(header[..HeaderChecksumAt]));
    }

    /// <summary>Checks a header and returns the number of the entry before the segment's first.</summary>
    public static long ReadHeader(ReadOnlySpan<byte> header, string file, Guid collection, long segment)
    {
        if (BinaryPrimitives.ReadUInt64LittleEndian(header) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(header[HeaderChecksumAt..]) != Crc32C.Compute(header[..HeaderChecksumAt]))
        {
            throw new VectorStoreCorruptException(file, 0, "the header's checksum does not fit.");
        }

        var version = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        if (version != FormatVersion)
        {
            throw new VectorStoreCorruptException(
                file,
                8,
                $"it has format version {version}; this version of the library reads {FormatVersion}.");
        }

        if (new Guid(header[16..32]) != collection || BinaryPrimitives.ReadInt64LittleEndian(header[32..]) != segment)
            throw new VectorStoreCorruptException(file, 16, "it belongs to another collection or another place.");

        return BinaryPrimitives.ReadInt64LittleEndian(header[40..]);
    }

    public static void WriteFrameHeader(Span<byte> header, int length, long sequence, uint contentChecksum)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(header, FrameMagic);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], length);
        BinaryPrimitives.WriteInt64LittleEndian(header[8..], sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], contentChecksum);
        BinaryPrimitives.WriteUInt32LittleEndian(header[FrameChecksumAt..], Crc32C.Compute(header[..FrameChecksumAt]));
    }

    /// <summary>Reads a frame's header; false when it is damaged.</summary>
    public static bool TryReadFrameHeader(ReadOnlySpan<byte> header, out int length, out long sequence, out uint contentChecksum)
    {
        length = BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
        sequence = BinaryPrimitives.ReadInt64LittleEndian(header[8..]);
        contentChecksum = BinaryPrimitives.ReadUInt32LittleEndian(header[16..]);
        return BinaryPrimitives.ReadUInt32LittleEndian(header) == FrameMagic
            && BinaryPrimitives.ReadUInt32LittleEndian(header[FrameChecksumAt..]) == Crc32C.Compute(header[..FrameChecksumAt])
            && length is >= 0 and <= MaxContent;
    }
}
