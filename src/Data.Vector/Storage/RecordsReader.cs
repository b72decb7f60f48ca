using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Data.Vector.Storage;

/// <summary>Reads a file of records; everything that it hands out has passed its checksum. Safe to use from many threads.</summary>
internal sealed class RecordsReader : IDisposable
{
    private const int MaxBlock = int.MaxValue / 2;

    private readonly SafeFileHandle _file;
    private readonly string _name;
    private readonly long _end;

    /// <summary>Opens a file and checks its header, and its directory where it has one.</summary>
    /// <exception cref="VectorStoreCorruptException">The file is damaged, cut off, or another's.</exception>
    public RecordsReader(string folder, Guid collection, long snapshot)
    {
        _name = RecordsFile.FileName(snapshot);
        _file = Open(folder, _name);
        try
        {
            Span<byte> header = stackalloc byte[RecordsFile.HeaderSize];
            var version = CheckHeader(header, collection, snapshot);
            Count = BinaryPrimitives.ReadInt64LittleEndian(header[40..]);
            var length = RandomAccess.GetLength(_file);
            _end = version < RecordsFile.FirstWithDirectory
                ? length
                : BinaryPrimitives.ReadInt64LittleEndian(header[RecordsFile.DirectoryAt..]);
            if (version < RecordsFile.FirstWithDirectory)
                return;

            var next = _end;
            Directory = ReadContent(ref next, RecordsDirectory.Read);
            if (next != length || Directory.Count != Count)
                throw Damage(next, "the directory does not fit the file.");
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    private delegate T Decoding<T>(ReadOnlySpan<byte> content);

    /// <summary>The number of records.</summary>
    public long Count { get; }

    /// <summary>Where the records lie; null in files of version 1.</summary>
    public RecordsDirectory? Directory { get; }

    /// <summary>Reads all records and hands each with its slot to a callback.</summary>
    /// <exception cref="VectorStoreCorruptException">The file is damaged or cut off.</exception>
    public void ReadAll(Action<int, VectorRecord> add)
    {
        long position = RecordsFile.HeaderSize, left = Count;
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

        if (left < 0 || position != _end)
            throw Damage(position, "it goes on behind its last record.");

        List<(int Slot, VectorRecord Record)> Block() => ReadBlock(ref position);
    }

    /// <summary>Reads the records of the block at a position, and moves the position behind it.</summary>
    /// <exception cref="VectorStoreCorruptException">The block is damaged or cut off.</exception>
    public List<(int Slot, VectorRecord Record)> ReadBlock(ref long position) => ReadContent(ref position, static content =>
    {
        var reader = new ByteReader(content);
        var records = new List<(int Slot, VectorRecord Record)>();
        while (!reader.IsAtEnd)
            records.Add((reader.Count(), RecordCodec.Read(ref reader)));

        return records;
    });

    /// <summary>Returns the error of a file that is damaged at a position.</summary>
    public VectorStoreCorruptException Damage(long position, string what) => new(_name, position, what);

    public void Dispose() => _file.Dispose();

    private static SafeFileHandle Open(string folder, string name)
    {
        try
        {
            return File.OpenHandle(Path.Combine(folder, name), share: FileShare.Read | FileShare.Delete);
        }
        catch (FileNotFoundException exception)
        {
            throw new VectorStoreCorruptException($"{name} is missing, and the collection cannot be opened without it.", exception);
        }
    }

    private int CheckHeader(Span<byte> header, Guid collection, long snapshot)
    {
        if (RandomAccess.Read(_file, header, 0) < header.Length
            || BinaryPrimitives.ReadUInt64LittleEndian(header) != RecordsFile.Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(header[RecordsFile.HeaderChecksumAt..])
                != Crc32C.Compute(header[..RecordsFile.HeaderChecksumAt]))
        {
            throw Damage(0, "the header's checksum does not fit.");
        }

        var version = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        if (version is < 1 or > RecordsFile.FormatVersion)
            throw Damage(8, $"it has format version {version}; this version of the library reads up to {RecordsFile.FormatVersion}.");

        return new Guid(header[16..32]) == collection && BinaryPrimitives.ReadInt64LittleEndian(header[32..]) == snapshot
            ? version
            : throw Damage(16, "it belongs to another collection or another snapshot.");
    }

    private T ReadContent<T>(ref long position, Decoding<T> decode)
    {
        Span<byte> header = stackalloc byte[RecordsFile.BlockHeaderSize];
        var whole = TryFill(header, position);
        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (!whole
            || BinaryPrimitives.ReadUInt32LittleEndian(header[RecordsFile.BlockChecksumAt..])
                != Crc32C.Compute(header[..RecordsFile.BlockChecksumAt])
            || length is <= 0 or > MaxBlock)
        {
            throw Damage(position, "a block's header is cut off or does not fit its checksum.");
        }

        var rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            var content = rented.AsSpan(0, length);
            if (!TryFill(content, position + header.Length)
                || Crc32C.Compute(content) != BinaryPrimitives.ReadUInt32LittleEndian(header[4..]))
            {
                throw Damage(position, "a block is cut off or does not fit its checksum.");
            }

            position += header.Length + length;
            return decode(content);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private bool TryFill(Span<byte> target, long position)
    {
        while (target.Length > 0)
        {
            var read = RandomAccess.Read(_file, target, position);
            if (read == 0)
                return false;

            target = target[read..];
            position += read;
        }

        return true;
    }
}
