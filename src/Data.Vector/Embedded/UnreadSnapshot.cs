using Data.Vector.Indexing;
using Data.Vector.KeyIndexes;
using Data.Vector.Storage;

namespace Data.Vector.Embedded;

/// <summary>
/// The records of a snapshot that a collection reads while it is in use: what somebody wants at once, the rest in the background.
/// </summary>
internal sealed class UnreadSnapshot : IAsyncDisposable
{
    private readonly RecordsReader _reader;
    private readonly RecordTable _table;
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource _read = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _reading = Task.CompletedTask;

    private UnreadSnapshot(RecordsReader reader, RecordTable table)
    {
        _reader = reader;
        _table = table;
    }

    /// <summary>
    /// Ends when all records are in memory; fails where the file is damaged. It can be awaited before the reading begins.
    /// </summary>
    public Task Reading => _read.Task;

    /// <summary>Fills a table with references to the records of a file. Disposes the reader together with the result.</summary>
    /// <exception cref="VectorStoreCorruptException">The index has other slots than the file.</exception>
    public static UnreadSnapshot Attach(RecordsReader reader, RecordTable table, VectorIndex index)
    {
        var directory = reader.Directory!;
        var blocks = new UnreadBlock[directory.Blocks.Count];
        var cells = new List<(int Slot, UnreadBlock Block)>(directory.Count);
        for (var i = 0; i < blocks.Length; i++)
        {
            var (position, first) = directory.Blocks[i];
            var end = i + 1 < blocks.Length ? directory.Blocks[i + 1].FirstSlot : index.SlotLimit;
            var before = cells.Count;
            var expected = 0;
            // The count is known after the block has been made, and before it is read.
            blocks[i] = new UnreadBlock(() => Checked(reader, position, first, end, expected));
            for (var slot = first; slot < end; slot++)
            {
                if (index.Contains(slot))
                    cells.Add((slot, blocks[i]));
            }

            expected = cells.Count - before;
        }

        if (cells.Count != directory.Count || cells.Count != index.Count)
            throw reader.Damage(0, $"it has {directory.Count} records, and the index {index.Count} vectors.");

        table.Attach(new UnreadRecords(blocks, directory.Slots), cells);
        return new UnreadSnapshot(reader, table);
    }

    /// <summary>Begins to read all records.</summary>
    /// <param name="failed">Runs when the file is damaged.</param>
    public void Begin(Action<Exception> failed) => _reading = Task.Factory.StartNew(
        () =>
        {
            try
            {
                _table.ReadAll(_end.Token);
                _read.SetResult();
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                failed(exception);
                _read.SetException(exception);
            }
        },
        _end.Token,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    /// <summary>Ends the reading, and closes the file. Nobody reads records any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _read.TrySetCanceled(_end.Token);
        _end.Dispose();
        _reader.Dispose();
    }

    private static List<(int Slot, VectorRecord Record)> Checked(RecordsReader reader, long position, int first, int end, int expected)
    {
        var at = position;
        var records = reader.ReadBlock(ref at);
        return records.Count == expected && records.TrueForAll(item => item.Slot >= first && item.Slot < end)
            ? records
            : throw reader.Damage(position, "a block has other records than the index.");
    }
}
