using System.Buffers.Binary;
using System.Globalization;

namespace Data.Vector.Storage;

/// <summary>
/// The records of a snapshot without their vectors, which the index's own file has: which slot has which id, text and metadata.
/// </summary>
/// <remarks>
/// Header, 64 bytes: magic, format version, the collection's identity, the snapshot's number, how many records, checksum. Then blocks:
/// length, checksum of the content, checksum of these; then the content. The file ends with the block that holds the last record.
/// </remarks>
internal static class RecordsFile
{
    public const int FormatVersion = 1;

    private const ulong Magic = 0x3130_5343_4552_5644; // "DVRECS01"
    private const int HeaderSize = 64, HeaderChecksumAt = 60;
    private const int BlockHeaderSize = 12, BlockChecksumAt = 8;
    private const int BlockSize = 1 << 18, MaxBlock = 1 << 30;

    public static string FileName(long snapshot) => $"snapshot-{snapshot.ToString("D8", CultureInfo.InvariantCulture)}.records";

    /// <summary>Writes a new file; it is on disk when this returns.</summary>
    public static void Write(string path, Guid collection, long snapshot, VectorRecord?[] records, CancellationToken cancellationToken)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, BlockSize);
        Span<byte> header = stackalloc byte[HeaderSize];
        header.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], FormatVersion);
        collection.TryWriteBytes(header[16..]);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], snapshot);
        BinaryPrimitives.WriteInt64LittleEndian(header[40..], records.Count(static record => record is not null));
        BinaryPrimitives.WriteUInt32LittleEndian(header[HeaderChecksumAt..], Crc32C.Compute(header[..HeaderChecksumAt]));
        file.Write(header);

        var block = new ByteWriter(BlockSize + (BlockSize / 4));
        for (var slot = 0; slot < records.Length; slot++)
        {
            if (records[slot] is not { } record)
                continue;

            block.Count(slot);
            RecordCodec.Write(block, record);
            if (block.Length >= BlockSize)
            {
                cancellationToken.ThrowIfCancellationRequested();
                WriteBlock(file, block);
            }
        }

        WriteBlock(file, block);
        file.Flush();
        DurableFile.Flush(file.SafeFileHandle);
    }

    /// <summary>Reads a file and hands every record with its slot to a callback.</summary>
    /// <exception cref="VectorStoreCorruptException">The file is damaged, cut off, or another's.</exception>
    public static void Read(string folder, Guid collection, long snapshot, Action<int, VectorRecord> add)
    {
        var name = FileName(snapshot);
        using var file = Open(folder, name);
        Span<byte> header = stackalloc byte[HeaderSize];
        if (file.ReadAtLeast(header, HeaderSize, throwOnEndOfStream: false) < HeaderSize
            || BinaryPrimitives.ReadUInt64LittleEndian(header) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(header[HeaderChecksumAt..]) != Crc32C.Compute(header[..HeaderChecksumAt]))
        {
            throw new VectorStoreCorruptException(name, 0, "the header's checksum does not fit.");
        }

        var version = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        if (version != FormatVersion)
        {
            throw new VectorStoreCorruptException(
                name,
                8,
                $"it has format version {version}; this version of the library reads {FormatVersion}.");
        }

        if (new Guid(header[16..32]) != collection || BinaryPrimitives.ReadInt64LittleEndian(header[32..]) != snapshot)
            throw new VectorStoreCorruptException(name, 16, "it belongs to another collection or another snapshot.");

        var left = BinaryPrimitives.ReadInt64LittleEndian(header[40..]);
        var content = new byte[BlockSize * 2];
        var next = left > 0 ? Task.Run(Block) : Task.FromResult(new List<(int, VectorRecord)>());
        try
        {
            while (left > 0)
            {
                // The next block is decoded while this one's records find their places.
                var block = next.GetAwaiter().GetResult();
                left -= block.Count;
                if (left > 0)
                    next = Task.Run(Block);

                foreach (var (slot, record) in block)
                    add(slot, record);
            }
        }
        finally
        {
            // Whatever ended this, nobody reads a file that is closed.
            ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        }

        if (left < 0 || file.Position != file.Length)
            throw new VectorStoreCorruptException(name, file.Position, "it goes on behind its last record.");

        List<(int Slot, VectorRecord Record)> Block() => ReadBlock(file, name, ref content);
    }

    private static FileStream Open(string folder, string name)
    {
        try
        {
            return new FileStream(
                Path.Combine(folder, name),
                FileMode.Open,
                FileAccess.Read,
                FileShare.Read,
                BlockSize,
                FileOptions.SequentialScan);
        }
        catch (FileNotFoundException exception)
        {
            throw new VectorStoreCorruptException($"{name} is missing, and the collection cannot be opened without it.", exception);
        }
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

    private static List<(int Slot, VectorRecord Record)> ReadBlock(FileStream file, string name, ref byte[] content)
    {
        var position = file.Position;
        Span<byte> header = stackalloc byte[BlockHeaderSize];
        var whole = file.ReadAtLeast(header, BlockHeaderSize, throwOnEndOfStream: false) == BlockHeaderSize;
        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (!whole || BinaryPrimitives.ReadUInt32LittleEndian(header[BlockChecksumAt..]) != Crc32C.Compute(header[..BlockChecksumAt])
            || length is <= 0 or > MaxBlock)
        {
            throw new VectorStoreCorruptException(name, position, "a block's header is cut off or does not fit its checksum.");
        }

        if (content.Length < length)
            content = new byte[length];

        var block = content.AsSpan(0, length);
        if (file.ReadAtLeast(block, length, throwOnEndOfStream: false) < length
            || Crc32C.Compute(block) != BinaryPrimitives.ReadUInt32LittleEndian(header[4..]))
        {
            throw new VectorStoreCorruptException(name, position, "a block is cut off or does not fit its checksum.");
        }

        var reader = new ByteReader(block);
        var records = new List<(int Slot, VectorRecord Record)>();
        while (!reader.IsAtEnd)
            records.Add((reader.Count(), RecordCodec.Read(ref reader)));

        return records;
    }
}
