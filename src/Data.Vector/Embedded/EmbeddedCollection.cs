using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Data.Vector.Collections;
using Data.Vector.Hnsw;
using Data.Vector.Indexing;
using Data.Vector.Telemetry;

namespace Data.Vector.Embedded;

/// <summary>A collection in process: its records, their searches, and the writer that journals a write before applying it.</summary>
/// <remarks>Safe for concurrent use. Searches take no lock and wait for no write.</remarks>
internal sealed class EmbeddedCollection : VectorCollectionBase, IOpenCollection, IAsyncDisposable
{
    private const int StackNeighbors = 256;

    private readonly StoredRecords _records;
    private readonly RecordSearch _search;
    private readonly HybridSearch _hybrid;
    private readonly IWriteJournal _journal;
    private readonly SnapshotSchedule _snapshots;
    private readonly CollectionWriter _writer;
    private readonly ReachabilityCheck _reachability;
    private readonly RecallMonitor _recall;

    /// <summary>Creates a collection over records that are complete: those of a snapshot and of the journal after it.</summary>
    /// <param name="name">The name of the collection.</param>
    /// <param name="options">The shape of the collection.</param>
    /// <param name="embedder">Turns texts into vectors; null when the application always brings vectors.</param>
    /// <param name="records">The records; the collection disposes them.</param>
    /// <param name="journal">Receives every write; the collection disposes it.</param>
    /// <param name="keeper">Takes snapshots; null in memory.</param>
    /// <param name="recall">Measures the recall of searches; the collection disposes it.</param>
    public EmbeddedCollection(
        string name,
        VectorCollectionOptions options,
        Embedder? embedder,
        StoredRecords records,
        IWriteJournal journal,
        SnapshotKeeper? keeper,
        Func<Func<int>, RecallMonitor> recall)
        : base(name, options, embedder)
    {
        var gate = new WriteGate();
        _records = records;
        _journal = journal;
        _search = new RecordSearch(records);
        _hybrid = new HybridSearch(records, _search);
        _snapshots = new SnapshotSchedule(keeper, gate, records);
        _writer = new CollectionWriter(name, records, journal, _snapshots, gate) { Left = Left };
        _reachability = new ReachabilityCheck(records, _writer, () => Options.Hnsw.EfSearch);
        _recall = recall(() => Options.Hnsw.EfSearch);
        records.Text.Built = _snapshots.Consider;
        VectorTelemetry.Gauges.Add(this);
        _recall.Consider();
    }

    /// <summary>What works less well than it should, each in a sentence.</summary>
    public IEnumerable<string> Warnings
    {
        get
        {
            if (_recall.IsLow)
                yield return FormattableString.Invariant($"Searches of '{Name}' find {_recall.Recall:0.00} of the nearest.");

            if (_records.Unread?.Reading.IsFaulted == true)
                yield return $"Records of '{Name}' are damaged on disk.";
        }
    }

    /// <summary>Whether a failure of the disk ended its writes.</summary>
    public bool IsReadOnly => _journal.HasFailed;

    /// <summary>Returns the size of the collection.</summary>
    public VectorCollectionStatistics Statistics()
    {
        ThrowIfClosed();
        var bytes = _records.Index.MemoryBytes(out var mapped);
        var graph = _records.Index as HnswIndex;
        return new()
        {
            Records = _records.Count,
            IndexBytes = bytes,
            MappedBytes = mapped,
            RecordBytes = _records.Table.Bytes,
            TextIndexBytes = _records.Text.Bytes,
            JournalBytes = _snapshots.JournalBytes,
            UnreachableRecords = _reachability.Missing,
            UsesCodes = graph?.WalksCodes == true,
            CodeFailures = graph?.CodeFailures ?? 0,
            RelinkingRecords = graph?.Relinking ?? 0,
            Recall = _recall.Recall,
        };
    }

    /// <summary>Finds the records that searches miss, and links them again.</summary>
    public Task<VectorReachability> VerifyReachabilityAsync(CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        return _reachability.RunAsync(cancellationToken);
    }

    /// <summary>Finds the EfSearch for a wanted recall; changes nothing.</summary>
    public RecallReport Tune(RecallTuning tuning, IProgress<RecallPoint>? progress, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        if (Options.Index == VectorIndexKind.Flat)
            throw new VectorInputException($"Collection '{Name}' has a flat index: its searches are exact, and there is nothing to tune.");

        return _records.Index.Count == 0
            ? throw new VectorInputException($"Collection '{Name}' has no records; recall is measured on those it has.")
            : RecallTuner.Tune(_records.Index, tuning, _records.Parallelism, progress, cancellationToken);
    }

    /// <summary>Has searches that name no EfSearch use this one from here on.</summary>
    public void Use(int efSearch)
    {
        ThrowIfClosed();
        var options = Options with { Hnsw = Options.Hnsw with { EfSearch = efSearch } };
        _snapshots.Change(options);
        Options = options;
    }

    /// <summary>
    /// Refuses further calls, waits for the writes that run, takes a last snapshot when the journal is long enough for it, and closes the
    /// journal.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (!await _snapshots.EndAsync().ConfigureAwait(false))
            return;

        await _records.Text.DisposeAsync().ConfigureAwait(false);
        await _reachability.DisposeAsync().ConfigureAwait(false);
        await _recall.DisposeAsync().ConfigureAwait(false);
        await _writer.CloseAsync().ConfigureAwait(false);
        await _snapshots.TakeLastAsync().ConfigureAwait(false);
        VectorTelemetry.Gauges.Remove(this);
        try
        {
            await _journal.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            if (_records.Unread is { } unread)
                await unread.DisposeAsync().ConfigureAwait(false);

            _records.Dispose();
        }
    }

    protected override string? HybridSearchRefusal => Options.TextIndex == VectorTextIndex.None
        ? $"Collection '{Name}' was created without a text index; use SearchAsync, or create it with VectorTextIndex.OnDemand or Always."
        : null;

    protected override Task AddCoreAsync(VectorRecord[] records, CancellationToken cancellationToken) =>
        _writer.AddAsync(records, cancellationToken);

    protected override Task UpsertCoreAsync(VectorRecord[] records, CancellationToken cancellationToken) =>
        _writer.UpsertAsync(records, cancellationToken);

    protected override Task UpdateCoreAsync(VectorRecordUpdate[] updates, CancellationToken cancellationToken) =>
        _writer.UpdateAsync(updates, cancellationToken);

    protected override Task<int> DeleteCoreAsync(string[] ids, CancellationToken cancellationToken) =>
        _writer.DeleteAsync(ids, cancellationToken);

    protected override Task<int> DeleteCoreAsync(VectorFilter filter, CancellationToken cancellationToken) =>
        _writer.DeleteAsync(filter, cancellationToken);

    protected override Task<IReadOnlyList<VectorRecord>> GetCoreAsync(
        IReadOnlyList<string> ids,
        bool includeVectors,
        CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        var found = new List<VectorRecord>(ids.Count);
        foreach (var id in ids)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_records.Read(id, includeVectors, includeDocuments: true) is { } record)
                found.Add(record);
        }

        return Task.FromResult<IReadOnlyList<VectorRecord>>(found);
    }

    protected override Task<long> CountCoreAsync(VectorFilter? filter, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<long>(filter is null ? _records.Count : _records.Matching(filter, cancellationToken).Count);
    }

    protected override async IAsyncEnumerable<VectorRecord> StreamCoreAsync(
        VectorStreamOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        await _records.WhenReadAsync(cancellationToken).ConfigureAwait(false);
        foreach (var id in options.Filter is null ? _records.Table.Ids() : _records.Matching(options.Filter, cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_records.Read(id, options.IncludeVectors, options.IncludeDocuments, options.Filter) is { } record)
                yield return record;
        }
    }

    protected override ValueTask<int> SearchCoreAsync(SearchPlan plan, Memory<VectorMatch> destination, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        cancellationToken.ThrowIfCancellationRequested();
        var wanted = Math.Min(plan.Top, _records.Index.VisibleBound);
        if (wanted == 0)
            return new ValueTask<int>(0);

        // One more than asked for shows whether a tie crosses the end of the list.
        var rented = wanted < StackNeighbors ? null : ArrayPool<Neighbor>.Shared.Rent(wanted + 1);
        var buffer = rented is null ? stackalloc Neighbor[StackNeighbors] : rented;
        try
        {
            var found = buffer[..(wanted + 1)];
            return new ValueTask<int>(
                _search.Nearest(plan, EfSearch(plan), found, destination.Span[..wanted], cancellationToken));
        }
        finally
        {
            if (rented is not null)
                ArrayPool<Neighbor>.Shared.Return(rented);
        }
    }

    protected override async Task<IReadOnlyList<HybridMatch>> HybridSearchCoreAsync(HybridPlan plan, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        var index = plan.Fusion.UsesText ? await _records.Text.ReadyAsync(cancellationToken).ConfigureAwait(false) : null;
        ThrowIfClosed();
        return _hybrid.Run(plan, plan.EfSearch ?? Options.Hnsw.EfSearch, index, cancellationToken);
    }

    protected override ValueTask<IReadOnlyList<VectorMatch>> SearchRangeCoreAsync(
        SearchPlan plan,
        float maxDistance,
        CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        cancellationToken.ThrowIfCancellationRequested();
        var matches = _search.Within(plan, EfSearch(plan), maxDistance, cancellationToken);
        return new ValueTask<IReadOnlyList<VectorMatch>>(Trim(matches, Math.Min(matches.Length, plan.Top)));
    }

    protected override Task<IReadOnlyList<IReadOnlyList<VectorMatch>>> SearchBatchCoreAsync(
        IReadOnlyList<VectorSearchRequest> requests, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        var results = new IReadOnlyList<VectorMatch>[requests.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _records.Parallelism, CancellationToken = cancellationToken };
        try
        {
            Parallel.For(0, results.Length, parallel, i =>
            {
                var search = SearchAsync(requests[i], cancellationToken);
                results[i] = search.IsCompleted ? search.Result : search.AsTask().GetAwaiter().GetResult();
            });
        }
        catch (AggregateException exception)
        {
            // What a single search throws.
            ExceptionDispatchInfo.Throw(exception.Flatten().InnerExceptions[0]);
        }

        return Task.FromResult<IReadOnlyList<IReadOnlyList<VectorMatch>>>(results);
    }

    private void Left()
    {
        _reachability.Consider();
        _recall.Consider();
    }

    private int EfSearch(in SearchPlan plan) => plan.EfSearch ?? Options.Hnsw.EfSearch;

    private void ThrowIfClosed() => ObjectDisposedException.ThrowIf(_writer.IsClosed, this);
}
