using Data.Vector.Distance;
using Data.Vector.Indexing;

namespace Data.Vector.Embedded;

/// <summary>
/// Searches for every record by its own vector, and links those again that their search misses. Runs when it is asked to, and in the
/// background when as many records have been replaced or deleted as there are.
/// </summary>
/// <remarks>Under the inner product a vector need not be its own nearest, so nothing is checked; an exact index misses nothing.</remarks>
internal sealed class ReachabilityCheck(StoredRecords records, CollectionWriter writer, Func<int> efSearch) : IAsyncDisposable
{
    private const int MinRemoved = 1_000, YieldEvery = 256;

    private readonly bool _applies = records.Index is not FlatIndex && records.Index.Metric != DistanceMetric.InnerProduct;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _end = new();
    private long _removedBefore;
    private int _considering;
    private long _missing = -1;

    /// <summary>Records that the last check found and could not link again; null before the first.</summary>
    public long? Missing => Interlocked.Read(ref _missing) is >= 0 and var missing ? missing : null;

    /// <summary>Starts a check in the background when enough has changed since the last one.</summary>
    public void Consider()
    {
        if (!_applies || records.Removed - Volatile.Read(ref _removedBefore) < Math.Max(MinRemoved, records.Count)
            || Interlocked.Exchange(ref _considering, 1) != 0)
        {
            return;
        }

        _ = Task.Run(async () =>
        {
            try
            {
                await RunAsync(_end.Token).ConfigureAwait(false);
            }
            catch (ObjectDisposedException)
            {
                // The collection is being closed.
            }
            finally
            {
                Volatile.Write(ref _considering, 0);
            }
        });
    }

    /// <summary>Checks every record; calls follow one another.</summary>
    public async Task<VectorReachability> RunAsync(CancellationToken cancellationToken)
    {
        if (!_applies)
            return new VectorReachability(0, 0, 0);

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _end.Token);
        try
        {
            await _turn.WaitAsync(either.Token).ConfigureAwait(false);
            try
            {
                return await CheckAllAsync(either.Token).ConfigureAwait(false);
            }
            finally
            {
                _turn.Release();
            }
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ObjectDisposedException("The collection was closed.", exception);
        }
    }

    /// <summary>Ends a check that runs, and lets no further one begin.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _turn.WaitAsync().ConfigureAwait(false);
    }

    private async Task<VectorReachability> CheckAllAsync(CancellationToken cancellationToken)
    {
        Volatile.Write(ref _removedBefore, records.Removed);
        var (seen, missed, repaired) = (0L, 0L, 0L);
        var limit = records.Index.SlotLimit;
        for (var slot = 0; slot < limit; slot++)
        {
            if (slot % YieldEvery == 0)
                await Task.Yield();

            cancellationToken.ThrowIfCancellationRequested();
            if (IsFound(slot, out var id))
            {
                seen += id is null ? 0 : 1;
                continue;
            }

            seen++;
            missed++;
            if (await writer.RelinkAsync(id!, cancellationToken).ConfigureAwait(false) is not { } moved || IsFound(moved, out _))
                repaired++;
        }

        Interlocked.Exchange(ref _missing, missed - repaired);
        return new VectorReachability(seen, missed, repaired);
    }

    /// <summary>Returns whether a search finds the record in a slot, or one as near; true when the slot has none.</summary>
    private bool IsFound(int slot, out string? id)
    {
        using var moment = records.Enter();
        id = records.Index.Contains(slot, moment.Version) ? records.Table.Read(slot, moment.Version)?.Id : null;
        if (id is null)
            return true;

        var own = records.Index.CopyVector(slot);
        Span<Neighbor> found = stackalloc Neighbor[1];
        return records.Index.Search(own, efSearch(), found, default(SlotFilter).At(moment.Version)) == 1
            && found[0].Distance <= ExactDistance.Between(records.Index.Metric, own, own);
    }
}
