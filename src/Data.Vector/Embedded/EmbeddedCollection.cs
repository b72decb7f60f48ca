using System.Runtime.CompilerServices;
using Data.Vector.Collections;
using Data.Vector.Indexing;
using Data.Vector.KeyIndexes;
using Data.Vector.Telemetry;

namespace Data.Vector.Embedded;

/// <summary>
/// A collection in process: the numeric index holds vectors in slots, the table holds the records of the slots, metadata indexes answer
/// filters, and the journal, when there is one, holds every write before it is applied.
/// </summary>
/// <remarks>
/// Searches take no lock. They hold a pin of the index from the walk to the look-up of the records, during which no slot is given to
/// another record; a slot without a record belongs to a write that is not finished, or to a record that is gone, and is passed over.
/// Writes go: reserve the ids, check, journal, apply, release. So the journal has the writes to an id in the order in which they were
/// applied.
/// </remarks>
internal sealed partial class EmbeddedCollection : VectorCollectionBase, IAsyncDisposable
{
    private const int ParallelFrom = 32;

    private readonly VectorIndex _index;
    private readonly RecordTable _records;
    private readonly MetadataIndexes _metadata;
    private readonly IdReservations _reservations = new();
    private readonly WriteGate _gate = new();
    private readonly int _parallelism;
    private IWriteJournal _journal = NullJournal.Instance;
    private volatile bool _closed;

    public EmbeddedCollection(
        string name, VectorCollectionOptions options, Embedder? embedder, VectorIndex index, RecordTable records, int parallelism)
        : base(name, options, embedder)
    {
        _index = index;
        _records = records;
        _parallelism = parallelism;
        _metadata = new MetadataIndexes(records, () => index.SlotLimit);
        VectorTelemetry.Gauges.Add(this);
    }

    /// <summary>Records held.</summary>
    public int Count => _records.Count;

    /// <summary>Keeps every write from here on in a journal. Called once, before the collection is handed out.</summary>
    public void Attach(IWriteJournal journal, SnapshotKeeper snapshots)
    {
        _journal = journal;
        _snapshots = snapshots;
    }

    /// <summary>
    /// Refuses further calls, waits for the writes inside, writes a last snapshot when it is worth it, and closes the journal.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (!await EndSnapshotsAsync().ConfigureAwait(false))
            return;

        await _gate.EnterAloneAsync().ConfigureAwait(false);
        _closed = true;
        _gate.ExitAlone();
        if (_snapshots?.IsDueOnClose == true)
            await _snapshots.TakeAsync(_gate, _index, _records).ConfigureAwait(false);

        VectorTelemetry.Gauges.Remove(this);
        await _journal.DisposeAsync().ConfigureAwait(false);
        _index.Dispose();
    }

    protected override Task<IReadOnlyList<VectorRecord>> GetCoreAsync(
        IReadOnlyList<string> ids,
        bool includeVectors,
        CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        var found = new List<VectorRecord>(ids.Count);
        foreach (var id in ids)
        {
            if (Read(id, includeVectors, includeDocuments: true) is { } record)
                found.Add(record);
        }

        return Task.FromResult<IReadOnlyList<VectorRecord>>(found);
    }

    protected override Task<long> CountCoreAsync(VectorFilter? filter, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        return Task.FromResult<long>(filter is null ? _records.Count : Matching(filter).Count);
    }

    protected override async IAsyncEnumerable<VectorRecord> StreamCoreAsync(
        VectorStreamOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        foreach (var id in options.Filter is null ? _records.Ids() : Matching(options.Filter))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Read(id, options.IncludeVectors, options.IncludeDocuments) is { } record)
                yield return record;
        }

        await Task.CompletedTask.ConfigureAwait(false);
    }

    /// <summary>The ids of the records that a filter accepts, at some moment during the call.</summary>
    private List<string> Matching(VectorFilter filter)
    {
        var ids = new List<string>();
        using var slots = _metadata.Select(filter);
        slots.ForEach(slot =>
        {
            if (_records[slot] is { } record && filter.Matches(record.Metadata!, record.Document))
                ids.Add(record.Id);
        });
        return ids;
    }

    private VectorRecord? Read(string id, bool includeVectors, bool includeDocuments)
    {
        while (true)
        {
            using var pin = _index.Pin();
            if (!_records.TryGetSlot(id, out var slot))
                return null;

            // Between the two look-ups a write may have moved the record; then the new place is looked up.
            if (_records[slot] is not { } record || !string.Equals(record.Id, id, StringComparison.Ordinal))
                continue;

            return includeVectors
                ? new VectorRecord(id, _index.GetVector(slot).ToArray()) {
                    Document = includeDocuments ? record.Document : null,
                    Metadata = record.Metadata }
                : includeDocuments || record.Document is null ?
                    record :
                    new VectorRecord(id, default(ReadOnlyMemory<float>)) { Metadata = record.Metadata };
        }
    }

    private void ThrowIfClosed() => ObjectDisposedException.ThrowIf(_closed, this);
}
