using Data.Vector.KeyIndexes;
using Data.Vector.Storage;
using Data.Vector.TextSearch;

namespace Data.Vector.Embedded;

/// <summary>The text index of a collection: built when it is first needed, or read from the snapshot, in the background.</summary>
/// <remarks>
/// Safe for concurrent use. Writers keep the index up to date from the moment it exists; searches wait until it has all records.
/// </remarks>
/// <param name="records">The records of the collection.</param>
/// <param name="analyzer">Takes texts apart.</param>
internal sealed class CollectionText(StoredRecords records, ITextAnalyzer analyzer) : IWordIndex, IAsyncDisposable
{
    // Below, building the index takes less time than it is worth to write a snapshot for.
    private const int MinSaved = 1_000;

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _ending = new();
    private Task<TextIndex>? _building;
    private volatile bool _unsaved;

    /// <summary>Runs when the index is complete.</summary>
    public Action? Built { get; set; }

    /// <summary>Is told when the analyzer fails on a text, or the index of a snapshot cannot be read.</summary>
    public Action<Exception>? Failed { get; set; }

    /// <summary>The index when it is complete; null before.</summary>
    public TextIndex? Current => Volatile.Read(ref _building) is { IsCompletedSuccessfully: true } built ? built.Result : null;

    /// <summary>Whether a snapshot would spare the next opening of the collection to build the index.</summary>
    public bool IsUnsaved => _unsaved && Current is not null;

    /// <summary>The memory of the index, an estimate; 0 when there is none.</summary>
    public long Bytes => Current?.Bytes ?? 0;

    /// <summary>Returns the index once it is complete; begins to build it when nobody has.</summary>
    /// <exception cref="ObjectDisposedException">The collection was closed meanwhile.</exception>
    public async Task<TextIndex> ReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Begin(saved: null).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (_ending.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ObjectDisposedException("The collection was closed.", exception);
        }
    }

    /// <summary>Begins to build the index.</summary>
    public void Begin() => _ = Begin(saved: null);

    /// <summary>Begins to read the index from a snapshot that has one; call it before the records change.</summary>
    /// <param name="path">The snapshot from which the records come.</param>
    public void Restore(string path)
    {
        var reader = new SnapshotReader(path);
        if (TextSnapshot.IsIn(reader))
            _ = Begin(reader);
        else
            reader.Dispose();
    }

    /// <inheritdoc/>
    /// <remarks>Begins to build the index when nobody has.</remarks>
    public bool TryCollect(ReadOnlySpan<string> terms, SlotBitmap into)
    {
        // The filter means words of the usual analyzer.
        if (analyzer is not UnicodeTextAnalyzer)
            return false;

        _ = Begin(saved: null);
        if (Current is not { } index)
            return false;

        WordMatches.Collect(index, terms, into);
        return true;
    }

    /// <summary>Returns the index for a snapshot that is being taken; null when it is not complete.</summary>
    public TextIndex? Capture()
    {
        var current = Current;

        // Even if the snapshot fails: the next one has a reason of its own.
        _unsaved &= current is null;
        return current;
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        Task? building;
        lock (_gate)
            building = _building;

        if (building is not null)
            await building.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        _ending.Dispose();
    }

    private Task<TextIndex> Begin(SnapshotReader? saved)
    {
        if (Volatile.Read(ref _building) is { } begun)
            return begun;

        lock (_gate)
        {
            if (_building is null)
            {
                ObjectDisposedException.ThrowIf(_ending.IsCancellationRequested, records);
                var index = new TextIndex(analyzer, exception => Failed?.Invoke(exception));

                if (saved is not null)
                    index.BeginAttach();

                // Writers before the scan: see MetadataIndexes.
                records.Metadata.Maintain(index);
                var slots = records.Index.SlotLimit;
                var cancel = _ending.Token;
                var building = slots == 0 && saved is null
                    ? Task.FromResult(index)
                    : Task.Run(() => BuildAsync(index, slots, saved, cancel), CancellationToken.None);
                Volatile.Write(ref _building, building);
            }

            return _building;
        }
    }

    private async Task<TextIndex> BuildAsync(TextIndex index, int slots, SnapshotReader? saved, CancellationToken cancel)
    {
        // Slot by slot, each block of records would be read again and again.
        await WhenReadAsync(saved, cancel).ConfigureAwait(false);
        var restored = saved is not null && TryRead(index, saved, cancel);

        // What the snapshot does not have; there is nothing to do for what it has.
        var options = new ParallelOptions { MaxDegreeOfParallelism = records.Parallelism, CancellationToken = cancel };
        Parallel.For(0, slots, options, slot => index.Update(slot, records.Table));
        _unsaved = !restored && index.Count >= MinSaved;
        if (Built is { } built)
            ThreadPool.UnsafeQueueUserWorkItem(static action => action(), built, preferLocal: false);

        return index;
    }

    private async Task WhenReadAsync(SnapshotReader? saved, CancellationToken cancel)
    {
        try
        {
            await records.WhenReadAsync(cancel).ConfigureAwait(false);
        }
        catch
        {
            saved?.Dispose();
            throw;
        }
    }

    private bool TryRead(TextIndex index, SnapshotReader saved, CancellationToken cancel)
    {
        using (saved)
        {
            try
            {
                return TextSnapshot.Read(saved, index, records.Table, cancel);
            }
            catch (Exception exception) when (exception is InvalidDataException or IOException)
            {
                // Nothing is lost: the records have the texts.
                Failed?.Invoke(exception);
                return false;
            }
            finally
            {
                index.EndAttach();
            }
        }
    }
}
