using Data.Vector.Internal;
using Data.Vector.Storage;

namespace Data.Vector.Indexing;

/// <summary>
/// An index as it was at one moment, to be written while others go on writing to the index. Until it is disposed, no slot that was
/// in use at that moment is used again and memory grows instead; dispose it before the index.
/// </summary>
internal sealed class IndexSnapshot : IDisposable
{
    private readonly ReadPin _pin;
    private readonly Action<SnapshotWriter> _sections;
    private int _disposed;

    internal IndexSnapshot(ReadPin pin, int count, Action<SnapshotWriter> sections)
    {
        _pin = pin;
        Count = count;
        _sections = sections;
    }

    /// <summary>Live vectors at that moment.</summary>
    public int Count { get; }

    /// <summary>Writes all to a new file and waits until it is on the disk. The caller renames it and flushes its folder.</summary>
    public void WriteTo(string path, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        using var writer = new SnapshotWriter(path, cancellation);
        _sections(writer);
        writer.Complete();
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            _pin.Dispose();
    }
}
