using System.Buffers.Binary;
using System.Globalization;

namespace Data.Vector.Storage;

/// <summary>
/// The records of a snapshot without their vectors, which the index's own file has: which slot has which id, text and metadata.
/// </summary>
/// <remarks>
/// Header, 64 bytes: magic, format version, the collection's identity, the snapshot's number, how many records, where the directory begins,
/// checksum. Then blocks, in the order of their slots: length, checksum of the content, checksum of these; then the content. Then the
/// directory (<see cref="RecordsDirectory"/>), a block too. Version 1 has no directory, and larger blocks.
/// </remarks>
internal static class RecordsFile
{
    public const int FormatVersion = 2, FirstWithDirectory = 2;

    public const ulong Magic = 0x3130_5343_4552_5644; // "DVRECS01"
    public const int HeaderSize = 64, DirectoryAt = 48, HeaderChecksumAt = 60;
    public const int BlockHeaderSize = 12, BlockChecksumAt = 8;

    // A search reads one block for each of its results until all have been read.
    private const int BlockSize = 1 << 16;

    public static string FileName(long snapshot) => $"snapshot-{snapshot.ToString("D8", CultureInfo.InvariantCulture)}.records";

    /// <summary>Writes a new file; it is on disk when this returns.</summary>
    public static void Write(string path, Guid collection, long snapshot, VectorRecord?[] records, CancellationToken cancellationToken)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, BlockSize);
        file.Position = HeaderSize;
        var directory = new RecordsDirectory.Builder();
        var block = new ByteWriter(BlockSize + (BlockSize / 4));
        for (var slot = 0; slot < records.Length; slot++)
        {
            if (records[slot] is not { } record)
                continue;

            if (block.Length == 0)
                directory.Begin(file.Position, slot);

            directory.Add(slot, record.Id);
            block.Count(slot);
            RecordCodec.Write(block, record);
            if (block.Length >= BlockSize)
            {
                cancellationToken.ThrowIfCancellationRequested();
                WriteBlock(file, block);
            }
        }

        WriteBlock(file, block);
        var end = file.Position;
        directory.Write(block);
        WriteBlock(file, block);
        file.Position = 0;
        WriteHeader(file, collection, snapshot, directory.Count, end);
        file.Flush();
        DurableFile.Flush(file.SafeFileHandle);
    }

    private static void WriteHeader(FileStream file, Guid collection, long snapshot, long count, long directory)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        header.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], FormatVersion);
        collection.TryWriteBytes(header[16..]);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], snapshot);
        BinaryPrimitives.WriteInt64LittleEndian(header[40..], count);
        BinaryPrimitives.WriteInt64LittleEndian(header[DirectoryAt..], directory);
        BinaryPrimitives.WriteUInt32LittleEndian(header[HeaderChecksumAt..], Crc32C.Compute(header[..HeaderChecksumAt]));
        file.Write(header);
    }

    private static void WriteBlock(FileStream file, ByteWriter block)
    {
        if (block.Length == 0)
            return;

        Span<byte> header = stackalloc byte[BlockHeaderSize];
        BinaryPrimitives.WriteInt32LittleEndian(header, block.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], Crc32C.Compute(block.Written.Span));
        BinaryPrimitives.WriteUInt32LittleEndian(header[BlockChecksumAt..], Crc32C.Compute(header[..BlockChecksumAt]));
        file.Write(header);
        file.Write(block.Written.Span);
        block.Clear();
    }
}
