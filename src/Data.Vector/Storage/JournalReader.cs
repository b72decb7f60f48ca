using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Data.Vector.Storage;

/// <summary>Reads the segments of a journal in order and tells a torn end, which a crash leaves, from damage.</summary>
internal static class JournalReader
{
    /// <summary>Hands every entry behind a starting point to a callback.</summary>
    /// <param name="folder">The collection's folder.</param>
    /// <param name="collection">The collection's identity.</param>
    /// <param name="firstSegment">The oldest segment to read.</param>
    /// <param name="mark">How far the journal is acknowledged; null when that is unknown.</param>
    /// <param name="apply">Receives the contents.</param>
    /// <returns>Where the journal ends, its torn end left out, and how many bytes that is.</returns>
    /// <exception cref="VectorStoreCorruptException">Something that was acknowledged is damaged or missing.</exception>
    public static (JournalPosition End, long TornBytes) Read(
        string folder, Guid collection, long firstSegment, JournalPosition? mark, Action<ReadOnlyMemory<byte>> apply)
    {
        var segment = firstSegment;
        long? sequence = null;
        while (true)
        {
            var name = JournalSegment.FileName(segment);
            var isLast = !File.Exists(Path.Combine(folder, JournalSegment.FileName(segment + 1)));
            using var handle = OpenSegment(folder, name);
            var before = ReadHeader(handle, name, collection, segment);
            if (sequence is { } known && known != before)
            {
                throw new VectorStoreCorruptException(
                    name,
                    0,
                    $"it follows entry {before}, but the segment before it ends with entry {known}.");
            }

            var acknowledged = mark is not { } m || m.Segment < segment ? 0 : m.Segment == segment ? m.Offset : long.MaxValue;
            var (end, last, complaint) = ReadFrames(handle, before, apply);
            var length = RandomAccess.GetLength(handle);
            if ((complaint is not null && (!isLast || end < acknowledged)) || (isLast && mark is not null && end < acknowledged))
                throw new VectorStoreCorruptException(name, end, complaint ?? "it ends there, but more was acknowledged.");

            if (isLast)
                return (new JournalPosition(segment, end, last), length - end);

            sequence = last;
            segment++;
        }
    }

    private static SafeFileHandle OpenSegment(string folder, string name)
    {
        try
        {
            return File.OpenHandle(Path.Combine(folder, name), options: FileOptions.SequentialScan);
        }
        catch (FileNotFoundException exception)
        {
            throw new VectorStoreCorruptException($"{name} is missing, and the collection cannot be opened without it.", exception);
        }
    }

    private static long ReadHeader(SafeFileHandle handle, string name, Guid collection, long segment)
    {
        Span<byte> header = stackalloc byte[JournalSegment.HeaderSize];
        return RandomAccess.Read(handle, header, 0) == header.Length
            ? JournalSegment.ReadHeader(header, name, collection, segment)
            : throw new VectorStoreCorruptException(name, 0, "it is shorter than its header.");
    }

    /// <summary>Reads frames up to the end or to the first that is not whole.</summary>
    private static (long End, long LastSequence, string? Complaint) ReadFrames(
        SafeFileHandle handle,
        long sequence,
        Action<ReadOnlyMemory<byte>> apply)
    {
        var length = RandomAccess.GetLength(handle);
        var header = new byte[JournalSegment.FrameHeaderSize];
        long position = JournalSegment.HeaderSize;
        while (position < length)
        {
            if (length - position < header.Length || RandomAccess.Read(handle, header, position) < header.Length)
                return (position, sequence, "an entry is cut off.");

            if (!JournalSegment.TryReadFrameHeader(header, out var contentLength, out var number, out var checksum)
                || number != sequence + 1)
            {
                return (position, sequence, "an entry's header does not fit its checksum, or its number is out of order.");
            }

            if (length - position - header.Length < contentLength)
                return (position, sequence, "an entry is cut off.");

            var content = ArrayPool<byte>.Shared.Rent(contentLength);
            try
            {
                var filled = ReadFully(handle, content.AsSpan(0, contentLength), position + header.Length);
                if (!filled || Crc32C.Compute(content.AsSpan(0, contentLength)) != checksum)
                    return (position, sequence, "an entry does not fit its checksum.");

                apply(content.AsMemory(0, contentLength));
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(content);
            }

            sequence = number;
            position += header.Length + contentLength;
        }

        return (position, sequence, null);
    }

    private static bool ReadFully(SafeFileHandle handle, Span<byte> buffer, long offset)
    {
        while (!buffer.IsEmpty)
        {
            var read = RandomAccess.Read(handle, buffer, offset);
            if (read == 0)
                return false;

            buffer = buffer[read..];
            offset += read;
        }

        return true;
    }
}
