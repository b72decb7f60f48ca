namespace Data.Vector.Storage;

/// <summary>An entry on its way to the journal, and the caller who waits for it.</summary>
internal sealed class PendingEntry(ReadOnlyMemory<byte> content)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly uint _checksum = Crc32C.Compute(content.Span);

    public ReadOnlyMemory<byte> Content { get; } = content;

    public Task Task => _done.Task;

    public byte[] Frame(long sequence)
    {
        var header = new byte[JournalSegment.FrameHeaderSize];
        JournalSegment.WriteFrameHeader(header, Content.Length, sequence, _checksum);
        return header;
    }

    public void Complete(Exception? failure)
    {
        if (failure is null)
            _done.TrySetResult();
        else
            _done.TrySetException(failure);
    }
}
