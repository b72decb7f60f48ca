using Data.Vector.Internal;
using Data.Vector.Storage;

namespace Data.Vector.Indexing;

/// <summary>
/// An index as of one moment, written to a file while others keep writing to the index. Until it is disposed, slots that were in use at
/// that moment are not reused and memory grows instead. Dispose it before the index.
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

    /// <summary>Live vectors at the moment of the snapshot.</summary>
    public int Count { get; }

    /// <summary>Writes a new file and flushes it to disk. The caller renames it and flushes its folder.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellation">Ends the writing.</param>
    public void WriteTo(string path, CancellationToken cancellation = default) => WriteTo(path, static _ => { }, cancellation);

    /// <inheritdoc cref="WriteTo(string, CancellationToken)"/>
    /// <param name="path">The file.</param>
    /// <param name="more">Writes further sections.</param>
    /// <param name="cancellation">Ends the writing.</param>
    public void WriteTo(string path, Action<SnapshotWriter> more, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        using var writer = new SnapshotWriter(path, cancellation);
        _sections(writer);
        more(writer);
        writer.Complete();
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            _pin.Dispose();
    }
}
