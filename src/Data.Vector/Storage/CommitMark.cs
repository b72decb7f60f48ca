using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Data.Vector.Storage;

/// <summary>The flushed and acknowledged end of the journal, in a small file beside it.</summary>
/// <remarks>
/// What lies before the mark was acknowledged and must be whole: damage there is an error. What lies behind it belongs to writes that
/// nobody was told of, or in the relaxed mode to writes that were not flushed: a torn end there is what a crash leaves and is dropped. The
/// mark is written after the journal has been flushed, up to what has been flushed, and is not flushed itself, so it may be behind after a
/// power failure, never ahead. Two slots are written in turn, so that a crash while one is written leaves the other.
/// </remarks>
internal sealed class CommitMark : IDisposable
{
    public const string FileName = "journal.mark";

    private const ulong Magic = 0x314B_524D_4A56_4456; // "VDVJMRK1"
    private const int SlotSize = 64, ChecksumAt = 40;

    private readonly SafeFileHandle _handle;
    private readonly byte[] _slot = new byte[SlotSize];
    private long _turn;

    private CommitMark(SafeFileHandle handle, long turn, JournalPosition position)
    {
        _handle = handle;
        _turn = turn;
        Position = position;
    }

    public JournalPosition Position { get; private set; }

    public static CommitMark Create(string folder, JournalPosition position)
    {
        var handle = File.OpenHandle(Path.Combine(folder, FileName), FileMode.Create, FileAccess.ReadWrite);
        var mark = new CommitMark(handle, 0, position);
        mark.Write(position);
        mark.Write(position);
        DurableFile.Flush(handle);
        return mark;
    }

    public static CommitMark Open(string folder)
    {
        var handle = File.OpenHandle(Path.Combine(folder, FileName), FileMode.Open, FileAccess.ReadWrite);
        try
        {
            Span<byte> content = stackalloc byte[2 * SlotSize];
            var length = RandomAccess.GetLength(handle);
            if (length != content.Length || RandomAccess.Read(handle, content, 0) != content.Length)
                throw new VectorStoreCorruptException(FileName, length, $"it has {length} bytes instead of {content.Length}.");

            var first = Parse(content[..SlotSize], 0);
            var second = Parse(content[SlotSize..], SlotSize);
            var newest = first.Turn > second.Turn ? first : second;
            return new CommitMark(handle, newest.Turn, newest.Position);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public void Write(JournalPosition position)
    {
        _turn++;
        BinaryPrimitives.WriteUInt64LittleEndian(_slot, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(_slot.AsSpan(8), _turn);
        BinaryPrimitives.WriteInt64LittleEndian(_slot.AsSpan(16), position.Segment);
        BinaryPrimitives.WriteInt64LittleEndian(_slot.AsSpan(24), position.Offset);
        BinaryPrimitives.WriteInt64LittleEndian(_slot.AsSpan(32), position.Sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(_slot.AsSpan(ChecksumAt), Crc32C.Compute(_slot.AsSpan(0, ChecksumAt)));
        RandomAccess.Write(_handle, _slot, _turn % 2 * SlotSize);
        Position = position;
    }

    public void Dispose() => _handle.Dispose();

    private static (long Turn, JournalPosition Position) Parse(ReadOnlySpan<byte> slot, int offset)
    {
        var sound = BinaryPrimitives.ReadUInt64LittleEndian(slot) == Magic
            && BinaryPrimitives.ReadUInt32LittleEndian(slot[ChecksumAt..]) == Crc32C.Compute(slot[..ChecksumAt])
            && !slot[(ChecksumAt + sizeof(uint))..].ContainsAnyExcept((byte)0);
        return sound
            ? (BinaryPrimitives.ReadInt64LittleEndian(slot[8..]),
                new JournalPosition(
                    BinaryPrimitives.ReadInt64LittleEndian(slot[16..]),
                    BinaryPrimitives.ReadInt64LittleEndian(slot[24..]),
                    BinaryPrimitives.ReadInt64LittleEndian(slot[32..])))
            : throw new VectorStoreCorruptException(
                FileName,
                offset,
                "its checksum does not fit. Without the file the collection opens, but a damaged end of the journal passes for a torn "
                + "one.");
    }
}
