using Data.Vector.Collections;

namespace Data.Vector.Pinecone;

/// <summary>The writes to a collection on Pinecone, with the meaning that the interface gives them.</summary>
/// <remarks>
/// The server knows no add and no update of a whole record, only upserts, so writes look up what exists first. Writes of this process to
/// one id follow one another; between two processes the last one wins. The server acknowledges writes before it indexes them: a write waits
/// until searches see it.
/// </remarks>
internal sealed class PineconeWriter(
    PineconeIndexInfo info,
    PineconeClient client,
    PineconeReader reader,
    TimeSpan freshnessTimeout,
    IdReservations reservations,
    TimeProvider time)
{
    private const int WriteCount = 1_000, WriteBytes = 1_900_000;
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(20), LongestWait = TimeSpan.FromSeconds(1);

    public async Task AddAsync(VectorRecord[] records, CancellationToken cancellationToken)
    {
        string[] ids = [.. records.Select(static record => record.Id)];
        using var reservation = await reservations.TakeAsync(ids, cancellationToken).ConfigureAwait(false);
        var existing = await reader.FetchAsync(ids, includeVectors: false, includeDocuments: false, cancellationToken)
            .ConfigureAwait(false);
        if (existing.Count > 0)
            throw new VectorRecordExistsException(info.Name, [.. ids.Where(existing.ContainsKey)]);

        await WriteAsync(records, cancellationToken).ConfigureAwait(false);
    }

    public async Task UpsertAsync(VectorRecord[] records, CancellationToken cancellationToken)
    {
        using var reservation = await reservations.TakeAsync([.. records.Select(static record => record.Id)], cancellationToken)
            .ConfigureAwait(false);
        await WriteAsync(records, cancellationToken).ConfigureAwait(false);
    }

    public async Task UpdateAsync(VectorRecordUpdate[] updates, CancellationToken cancellationToken)
    {
        string[] ids = [.. updates.Select(static update => update.Id)];
        using var reservation = await reservations.TakeAsync(ids, cancellationToken).ConfigureAwait(false);
        var existing = await reader.FetchAsync(ids, includeVectors: true, includeDocuments: true, cancellationToken).ConfigureAwait(false);
        if (existing.Count < ids.Length)
            throw new VectorRecordNotFoundException(info.Name, [.. ids.Where(id => !existing.ContainsKey(id))]);

        // The server's own update only adds keys, one record a request; whole records replace.
        await WriteAsync(Array.ConvertAll(updates, update => update.ApplyTo(existing[update.Id])), cancellationToken).ConfigureAwait(false);
    }

    public async Task<int> DeleteAsync(string[] ids, CancellationToken cancellationToken)
    {
        using var reservation = await reservations.TakeAsync(ids, cancellationToken).ConfigureAwait(false);
        var existing = await reader.FetchAsync(ids, includeVectors: false, includeDocuments: false, cancellationToken)
            .ConfigureAwait(false);
        long? written = null;
        foreach (var batch in existing.Keys.Chunk(WriteCount))
            written = await client.DeleteAsync(info.Host, batch, cancellationToken).ConfigureAwait(false);

        await SeenAsync(written, cancellationToken).ConfigureAwait(false);
        return existing.Count;
    }

    public async Task<int> DeleteAsync(VectorFilter filter, CancellationToken cancellationToken)
    {
        var ids = new List<string>();
        await foreach (var record in reader.MatchingAsync(filter, includeVectors: false, includeDocuments: true, cancellationToken)
            .ConfigureAwait(false))
        {
            ids.Add(record.Id);
        }

        return ids.Count == 0 ? 0 : await DeleteAsync([.. ids], cancellationToken).ConfigureAwait(false);
    }

    private async Task WriteAsync(VectorRecord[] records, CancellationToken cancellationToken)
    {
        // All are encoded before the first is sent: what is too large is refused before anything is written.
        PineconeWrite[] writes = [.. records.Select(static (record, i) => new PineconeWrite(NotZero(record, i), i))];
        long? written = null;
        foreach (var batch in SizedBatches.Cut(writes, static write => write.Bytes, WriteCount, WriteBytes))
            written = await client.UpsertAsync(info.Host, batch, cancellationToken).ConfigureAwait(false);

        await SeenAsync(written, cancellationToken).ConfigureAwait(false);
    }

    private static VectorRecord NotZero(VectorRecord record, int position) => record.Vector.Span.ContainsAnyExcept(0f)
        ? record
        : throw new VectorInputException(
            $"The vector of '{record.Id}' at position {position} is zero, which Pinecone does not take under any metric.",
            record.Id,
            position);

    /// <summary>Waits until searches see a write.</summary>
    private async Task SeenAsync(long? written, CancellationToken cancellationToken)
    {
        if (written is null || freshnessTimeout == TimeSpan.Zero)
            return;

        var started = time.GetTimestamp();
        for (var wait = FirstWait; ; wait = wait * 2 < LongestWait ? wait * 2 : LongestWait)
        {
            var indexed = await client.IndexedAsync(info.Host, info.Options.Dimensions, cancellationToken).ConfigureAwait(false);
            if (indexed is null || indexed >= written)
                return;

            if (time.GetElapsedTime(started) >= freshnessTimeout)
            {
                throw new VectorStoreUnavailableException(
                    $"Pinecone took the write, but searches did not see it within {freshnessTimeout.TotalSeconds:0.###} s. It "
                    + "will appear; writing it again does no harm.");
            }

            await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
        }
    }
}
