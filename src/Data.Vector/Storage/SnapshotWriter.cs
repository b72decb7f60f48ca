using System.Buffers.Binary;

namespace Data.Vector.Storage;

/// <summary>Writes a snapshot file section by section; the header comes last, so that a torn file has none.</summary>
internal sealed class SnapshotWriter : IDisposable
{
    private const int BufferBytes = 1 << 20;

    private readonly FileStream _file;
    private readonly CancellationToken _cancellation;
    private readonly byte[] _header = new byte[SnapshotFormat.PageBytes];
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferBytes);
    private int _buffered;
    private int _sections;
    private long _end = SnapshotFormat.PageBytes;
    private long _start;
    private SectionChecksum _checksum;

    /// <summary>Creates the file.</summary>
    /// <exception cref="IOException">The file exists, or cannot be written.</exception>
    public SnapshotWriter(string path, CancellationToken cancellation)
    {
        SnapshotFormat.CheckHost();
        _cancellation = cancellation;
        _file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
    }

    /// <summary>Writes a section whose bytes <paramref name="body"/> appends.</summary>
    public void Section(string name, Action<SnapshotWriter> body)
    {
        _start = (_end + SnapshotFormat.PageBytes - 1) / SnapshotFormat.PageBytes * SnapshotFormat.PageBytes;
        _file.Position = _end = _start;
        _checksum = default;
        body(this);
        FlushBuffer();
        var entry = _header.AsSpan(SnapshotFormat.FirstEntry + (_sections++ * SnapshotFormat.EntryBytes), SnapshotFormat.EntryBytes);
        SnapshotFormat.WriteName(name, entry);
        BinaryPrimitives.WriteInt64LittleEndian(entry[SnapshotFormat.NameBytes..], _start);
        BinaryPrimitives.WriteInt64LittleEndian(entry[(SnapshotFormat.NameBytes + 8)..], _end - _start);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[(SnapshotFormat.NameBytes + 16)..], _checksum.Value);
    }

    /// <summary>Appends to the current section. Copies before it sums: the bytes may be changing.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var part = Math.Min(bytes.Length, BufferBytes - _buffered);
            bytes[..part].CopyTo(_buffer.AsSpan(_buffered));
            _buffered += part;
            bytes = bytes[part..];
            if (_buffered == BufferBytes)
                FlushBuffer();
        }
    }

    /// <summary>Appends memory of any length.</summary>
    public unsafe void Append(byte* bytes, long length)
    {
        for (long done = 0; done < length; done += BufferBytes)
            Append(new ReadOnlySpan<byte>(bytes + done, (int)Math.Min(BufferBytes, length - done)));
    }

    /// <summary>Writes the header and waits until all of it is on the disk.</summary>
    public void Complete()
    {
        // A mapping covers whole pages.
        _file.SetLength((_end + SnapshotFormat.PageBytes - 1) / SnapshotFormat.PageBytes * SnapshotFormat.PageBytes);
        DurableFile.Flush(_file.SafeFileHandle);
        SnapshotFormat.Magic.CopyTo(_header);
        BinaryPrimitives.WriteInt32LittleEndian(_header.AsSpan(8), SnapshotFormat.Version);
        BinaryPrimitives.WriteInt32LittleEndian(_header.AsSpan(12), _sections);
        BinaryPrimitives.WriteUInt32LittleEndian(_header.AsSpan(SnapshotFormat.HeaderSumAt), HeaderSum(_header));
        _file.Position = 0;
        _file.Write(_header);
        DurableFile.Flush(_file.SafeFileHandle);
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Returns the checksum of the header: the register of <see cref="Crc32C"/> without the inversion at its end.</summary>
    public static uint HeaderSum(ReadOnlySpan<byte> header) => Crc32C.Update(uint.MaxValue, header[..SnapshotFormat.HeaderSumAt]);

    private void FlushBuffer()
    {
        _cancellation.ThrowIfCancellationRequested();
        _checksum.Append(_buffer.AsSpan(0, _buffered));
        _file.Write(_buffer, 0, _buffered);
        _end += _buffered;
        _buffered = 0;
    }
}
