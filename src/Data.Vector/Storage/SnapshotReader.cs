using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Data.Vector.Storage;

/// <summary>Reads a snapshot file; everything it hands out has been checked against its checksum.</summary>
internal sealed unsafe class SnapshotReader : IDisposable
{
    // A read is summed while it is still in the cache.
    private const int ReadBytes = 1 << 18;

    private readonly string _path;
    private readonly Dictionary<string, (long Offset, long Length, ulong Sum)> _sections = new(StringComparer.Ordinal);

    /// <summary>Opens the file and checks its header.</summary>
    /// <exception cref="InvalidDataException">The file is no snapshot, is damaged, or was written by a newer version.</exception>
    public SnapshotReader(string path)
    {
        SnapshotFormat.CheckHost();
        _path = path;
        File = System.IO.File.OpenHandle(path);
        try
        {
            ReadHeader();
        }
        catch
        {
            File.Dispose();
            throw;
        }
    }

    public SafeFileHandle File { get; }

    public bool Has(string name) => _sections.ContainsKey(name);

    /// <summary>Where a section lies; its bytes are not checked yet.</summary>
    public (long Offset, long Length) Locate(string name, long expectedLength)
    {
        if (!_sections.TryGetValue(name, out var section))
            throw Damage(name, "it is missing");
        if (section.Length != expectedLength)
            throw Damage(name, $"it has {section.Length} bytes instead of {expectedLength}");
        return (section.Offset, section.Length);
    }

    /// <summary>Reads a whole small section.</summary>
    public byte[] Read(string name)
    {
        if (!_sections.TryGetValue(name, out var section))
            throw Damage(name, "it is missing");
        var bytes = new byte[section.Length];
        fixed (byte* target = bytes)
            Read(name, target, section.Length);
        return bytes;
    }

    /// <summary>Reads a section into memory.</summary>
    public void Read(string name, byte* target, long length)
    {
        var (offset, _) = Locate(name, length);
        var checksum = default(SectionChecksum);
        for (long done = 0; done < length;)
        {
            var part = new Span<byte>(target + done, (int)Math.Min(ReadBytes, length - done));
            var filled = 0;
            while (filled < part.Length)
            {
                var read = RandomAccess.Read(File, part[filled..], offset + done + filled);
                if (read == 0)
                    throw Damage(name, "the file ends within it");
                filled += read;
            }

            checksum.Append(part);
            done += part.Length;
        }

        if (checksum.Value != _sections[name].Sum)
            throw Damage(name, "its checksum does not match");
    }

    /// <summary>Checks a section that was mapped.</summary>
    public void Verify(string name, byte* mapped)
    {
        var (_, length, sum) = _sections[name];
        var checksum = default(SectionChecksum);
        for (long done = 0; done < length; done += ReadBytes)
            checksum.Append(new ReadOnlySpan<byte>(mapped + done, (int)Math.Min(ReadBytes, length - done)));
        if (checksum.Value != sum)
            throw Damage(name, "its checksum does not match");
    }

    public InvalidDataException Damage(string section, string what) =>
        new($"The snapshot '{_path}' is damaged in section '{section}': {what}.");

    public void Dispose() => File.Dispose();

    private void ReadHeader()
    {
        var header = new byte[SnapshotFormat.PageBytes];
        var length = RandomAccess.GetLength(File);
        if (length < header.Length || RandomAccess.Read(File, header, 0) != header.Length)
            throw Damage("header", $"the file has only {length} bytes");
        if (!header.AsSpan(0, 8).SequenceEqual(SnapshotFormat.Magic))
            throw Damage("header", "it does not begin as a snapshot does");
        if (BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(SnapshotFormat.HeaderSumAt)) != SnapshotWriter.HeaderSum(header))
            throw Damage("header", "its checksum does not match");
        var version = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(8));
        if (version is < 1 or > SnapshotFormat.Version)
        {
            throw new InvalidDataException(
                $"The snapshot '{_path}' has format version {version}; this library reads versions up to {SnapshotFormat.Version}.");
        }

        var count = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(12));
        for (var i = 0; i < count; i++)
        {
            var entry = header.AsSpan(SnapshotFormat.FirstEntry + (i * SnapshotFormat.EntryBytes), SnapshotFormat.EntryBytes);
            var name = SnapshotFormat.ReadName(entry);
            var offset = BinaryPrimitives.ReadInt64LittleEndian(entry[SnapshotFormat.NameBytes..]);
            var bytes = BinaryPrimitives.ReadInt64LittleEndian(entry[(SnapshotFormat.NameBytes + 8)..]);
            if (bytes < 0 || offset < 0 || offset > length - bytes)
                throw Damage(name, "the file ends before it does");
            _sections[name] = (offset, bytes, BinaryPrimitives.ReadUInt64LittleEndian(entry[(SnapshotFormat.NameBytes + 16)..]));
        }
    }
}
