using Microsoft.Win32.SafeHandles;

namespace Data.Vector.Storage;

/// <summary>The newest segment of a journal, open for appending, and the mark that follows what has been flushed of it.</summary>
/// <remarks>For one thread at a time, except for <see cref="SegmentBytes"/>.</remarks>
internal sealed class JournalTail : IDisposable
{
    private const int CopyBytes = 1 << 18;

    private readonly string _folder;
    private readonly Guid _collection;
    private readonly CommitMark _mark;
    private SafeFileHandle _handle;
    private JournalPosition _end;
    private long _segmentBytes;

    private JournalTail(string folder, Guid collection, SafeFileHandle handle, JournalPosition end, CommitMark mark)
    {
        _folder = folder;
        _collection = collection;
        _handle = handle;
        _end = end;
        _segmentBytes = end.Offset;
        _mark = mark;
    }

    /// <summary>Bytes in the segment.</summary>
    public long SegmentBytes => Volatile.Read(ref _segmentBytes);

    /// <summary>Whether everything appended has been flushed.</summary>
    public bool IsFlushed => _mark.Position == _end;

    /// <summary>Starts a journal in an empty folder.</summary>
    public static JournalTail Create(string folder, Guid collection)
    {
        var (handle, end) = NewSegment(folder, collection, 1, 0);
        return new JournalTail(folder, collection, handle, end, CommitMark.Create(folder, end));
    }

    /// <summary>Goes on behind what a reader found, after cutting a torn end off and flushing what was not known to be flushed.</summary>
    public static JournalTail Continue(string folder, Guid collection, JournalPosition end, CommitMark mark)
    {
        var path = Path.Combine(folder, JournalSegment.FileName(end.Segment));
        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            if (RandomAccess.GetLength(handle) > end.Offset)
                RandomAccess.SetLength(handle, end.Offset);

            Rewrite(handle, mark.Position.Segment == end.Segment ? mark.Position.Offset : JournalSegment.HeaderSize, end.Offset);
            DurableFile.Flush(handle);
            DurableFile.FlushFolder(folder);
            mark.Write(end);
            return new JournalTail(folder, collection, handle, end, mark);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Appends entries; all of them or, when the disk refuses, none.</summary>
    /// <exception cref="IOException">The disk refused them, and nothing of them is left in the file.</exception>
    /// <exception cref="DiskStateUnknownException">The disk refused them, and what it took could not be removed.</exception>
    public void Append(List<PendingEntry> entries)
    {
        var (segment, offset, sequence) = _end;
        var parts = new List<ReadOnlyMemory<byte>>(entries.Count * 2);
        foreach (var entry in entries)
        {
            parts.Add(entry.Frame(++sequence));
            parts.Add(entry.Content);
            offset += JournalSegment.FrameHeaderSize + entry.Content.Length;
        }

        try
        {
            RandomAccess.Write(_handle, parts, _end.Offset);
        }
        catch (Exception exception) when (DurableFile.IsFailure(exception))
        {
            TakeBack(exception);
            throw;
        }

        MoveTo(new JournalPosition(segment, offset, sequence));
    }

    /// <summary>Flushes what has been appended, then moves the mark behind it.</summary>
    /// <exception cref="DiskStateUnknownException">It could not be flushed.</exception>
    public void Flush()
    {
        DurableFile.Flush(_handle);
        _mark.Write(_end);
    }

    /// <summary>Flushes the segment and starts the next one; returns where that begins.</summary>
    public JournalPosition Rotate()
    {
        Flush();
        var (handle, end) = NewSegment(_folder, _collection, _end.Segment + 1, _end.Sequence);
        _handle.Dispose();
        _handle = handle;
        MoveTo(end);
        _mark.Write(end);
        return end;
    }

    public void Dispose()
    {
        _handle.Dispose();
        _mark.Dispose();
    }

    /// <summary>Creates a segment. It appears under its name when its header is on disk; only a flush can fail after that.</summary>
    private static (SafeFileHandle Handle, JournalPosition End) NewSegment(
        string folder, Guid collection, long segment, long sequenceBefore)
    {
        Span<byte> header = stackalloc byte[JournalSegment.HeaderSize];
        JournalSegment.WriteHeader(header, collection, segment, sequenceBefore);
        var path = Path.Combine(folder, JournalSegment.FileName(segment));
        var handle = File.OpenHandle(path + ".tmp", FileMode.Create, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        try
        {
            RandomAccess.Write(handle, header, 0);
            DurableFile.Flush(handle);
            File.Move(path + ".tmp", path, overwrite: true);
            DurableFile.FlushFolder(folder);
            return (handle, new JournalPosition(segment, JournalSegment.HeaderSize, sequenceBefore));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Writes bytes of a file over themselves. After a failed flush the system may hold them in memory as if they were on disk; only what
    /// is written again is flushed again.
    /// </summary>
    private static void Rewrite(SafeFileHandle handle, long from, long to)
    {
        var buffer = new byte[CopyBytes];
        while (from < to)
        {
            var read = RandomAccess.Read(handle, buffer.AsSpan(0, (int)Math.Min(CopyBytes, to - from)), from);
            RandomAccess.Write(handle, buffer.AsSpan(0, read), from);
            from += read;
        }
    }

    private void MoveTo(JournalPosition end)
    {
        _end = end;
        Volatile.Write(ref _segmentBytes, end.Offset);
    }

    private void TakeBack(Exception exception)
    {
        try
        {
            RandomAccess.SetLength(_handle, _end.Offset);
        }
        catch (Exception second) when (DurableFile.IsFailure(second))
        {
            throw new DiskStateUnknownException("A write failed, and what the disk took of it could not be removed.", exception);
        }
    }
}
