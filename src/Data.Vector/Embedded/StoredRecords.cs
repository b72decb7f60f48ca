using Data.Vector.Indexing;
using Data.Vector.KeyIndexes;

namespace Data.Vector.Embedded;

/// <summary>
/// The records of a collection in memory, kept in step: the numeric index holds vectors in slots, the table holds the rest of each record
/// by slot, metadata indexes answer filters.
/// </summary>
/// <remarks>
/// Readers take no lock. They hold a pin of the index from the search to the lookup of the records, during which no slot is given to
/// another record; a slot without a record belongs to a write that has not ended, or to a deleted record, and is skipped. Writers to one
/// id follow one another (see <see cref="CollectionWriter"/>); writers to different ids may run at once.
/// </remarks>
internal sealed class StoredRecords : IDisposable
{
    private const int ParallelFrom = 32;

    public StoredRecords(VectorIndex index, int parallelism)
    {
        Index = index;
        Parallelism = parallelism;
        Table = new RecordTable(index.Count);
        Metadata = new MetadataIndexes(Table, () => index.SlotLimit);
    }

    public VectorIndex Index { get; }

    public RecordTable Table { get; }

    public MetadataIndexes Metadata { get; }

    /// <summary>The number of threads that one call may use.</summary>
    public int Parallelism { get; }

    public int Count => Table.Count;

    /// <summary>Returns the ids of the records that a filter accepts, as of some moment during the call.</summary>
    public List<string> Matching(VectorFilter filter)
    {
        var ids = new List<string>();
        using var slots = Metadata.Select(filter);
        slots.ForEach(slot =>
        {
            if (Table[slot] is { } record && record.Matches(filter))
                ids.Add(record.Id);
        });
        return ids;
    }

    /// <summary>Returns a record; null when there is none with this id.</summary>
    public VectorRecord? Read(string id, bool includeVectors, bool includeDocuments)
    {
        while (true)
        {
            using var pin = Index.Pin();
            if (!Table.TryGetSlot(id, out var slot))
                return null;

            // Between the two lookups a write may have moved the record; then its new slot is looked up.
            if (Table[slot] is not { } record || !string.Equals(record.Id, id, StringComparison.Ordinal))
                continue;

            if (includeVectors)
            {
                return new VectorRecord(id, Index.GetVector(slot).ToArray())
                {
                    Document = includeDocuments ? record.Document : null,
                    Metadata = record.Metadata,
                };
            }

            return includeDocuments || record.Document is null
                ? record
                : new VectorRecord(id, default(ReadOnlyMemory<float>)) { Metadata = record.Metadata };
        }
    }

    /// <summary>Puts records in place of those with the same ids, and adds the others.</summary>
    public void Put(VectorRecord[] records)
    {
        if (records.Length < ParallelFrom || Parallelism == 1)
        {
            Array.ForEach(records, Put);
        }
        else
        {
            // The journal holds all of them: nothing may stop between two of them, cancellation least of all.
            Parallel.ForEach(records, new ParallelOptions { MaxDegreeOfParallelism = Parallelism }, Put);
        }
    }

    public void Delete(string id)
    {
        if (Table.TryGetSlot(id, out var slot))
        {
            var metadata = Table[slot]!.Metadata!;
            Table.Remove(id, slot);
            Metadata.Removed(slot, metadata);
            Index.Delete(slot);
        }
    }

    /// <summary>Puts a record of a snapshot into its slot, whose vector the index already has.</summary>
    public void Restore(int slot, VectorRecord record)
    {
        if (!Index.Contains(slot) || !Table.TryRestore(slot, record))
            throw new InvalidDataException($"The snapshot has '{record.Id}' in slot {slot}, which the index does not have, or has twice.");
    }

    /// <summary>Checks that every vector of the snapshot's index has its record.</summary>
    public void CheckRestored()
    {
        if (Count != Index.Count)
            throw new InvalidDataException($"The snapshot has {Count} records and {Index.Count} vectors.");
    }

    public void Dispose() => Index.Dispose();

    private void Put(VectorRecord record)
    {
        // The index keeps the vector; the table's copy carries the rest.
        var kept = new VectorRecord(record.Id, default(ReadOnlyMemory<float>)) { Document = record.Document, Metadata = record.Metadata };
        if (!Table.TryGetSlot(record.Id, out var oldSlot))
        {
            var slot = Index.Add(record.Vector.Span);
            Table.Add(slot, kept);
            Metadata.Added(slot);
            return;
        }

        var oldMetadata = Table[oldSlot]!.Metadata!;
        var newSlot = SameVector(oldSlot, record.Vector.Span) ? oldSlot : Index.Add(record.Vector.Span);
        Table.Replace(oldSlot, newSlot, kept);
        Metadata.Removed(oldSlot, oldMetadata);
        Metadata.Added(newSlot);
        if (newSlot != oldSlot)
            Index.Delete(oldSlot);
    }

    private bool SameVector(int slot, ReadOnlySpan<float> vector)
    {
        using var pin = Index.Pin();
        return Index.GetVector(slot).SequenceEqual(vector);
    }
}
