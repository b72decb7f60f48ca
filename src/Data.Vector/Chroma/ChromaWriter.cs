using Data.Vector.Collections;

namespace Data.Vector.Chroma;

/// <summary>The writes to a collection on a Chroma server, with the meaning that the interface gives them.</summary>
/// <remarks>
/// The server ignores an add of an id that exists and an update of one that does not, merges metadata instead of replacing it, and cannot
/// remove a text. So writes look up what exists first. Writes of this process to one id follow one another; between two processes the last
/// one wins.
/// </remarks>
internal sealed class ChromaWriter(ChromaCollectionInfo info, ChromaClient client, ChromaReader reader, IdReservations reservations)
{
    public async Task AddAsync(VectorRecord[] records, CancellationToken cancellationToken)
    {
        string[] ids = [.. records.Select(static record => record.Id)];
        using var reservation = await reservations.TakeAsync(ids, cancellationToken).ConfigureAwait(false);
        var existing = await reader.KeysAsync(ids, cancellationToken).ConfigureAwait(false);
        if (existing.Count > 0)
            throw new VectorRecordExistsException(info.Name, [.. ids.Where(existing.ContainsKey)]);

        await WriteAsync("add", [.. records.Select(static record => New(record))], cancellationToken).ConfigureAwait(false);
    }

    public async Task UpsertAsync(VectorRecord[] records, CancellationToken cancellationToken)
    {
        string[] ids = [.. records.Select(static record => record.Id)];
        using var reservation = await reservations.TakeAsync(ids, cancellationToken).ConfigureAwait(false);
        var existing = await reader.KeysAsync(ids, cancellationToken).ConfigureAwait(false);
        var rows = records.Select(record => existing.TryGetValue(record.Id, out var keys) ? Replacement(record, keys) : New(record));
        await WriteAsync("upsert", [.. rows], cancellationToken).ConfigureAwait(false);
    }

    public async Task UpdateAsync(VectorRecordUpdate[] updates, CancellationToken cancellationToken)
    {
        string[] ids = [.. updates.Select(static update => update.Id)];
        using var reservation = await reservations.TakeAsync(ids, cancellationToken).ConfigureAwait(false);
        var existing = await reader.KeysAsync(ids, cancellationToken).ConfigureAwait(false);
        if (existing.Count < ids.Length)
            throw new VectorRecordNotFoundException(info.Name, [.. ids.Where(id => !existing.ContainsKey(id))]);

        await WriteAsync("update", [.. updates.Select(update => Change(update, existing[update.Id]))], cancellationToken).ConfigureAwait(
            false);
    }

    public async Task<int> DeleteAsync(string[] ids, CancellationToken cancellationToken)
    {
        using var reservation = await reservations.TakeAsync(ids, cancellationToken).ConfigureAwait(false);
        var existing = await reader.KeysAsync(ids, cancellationToken).ConfigureAwait(false);
        var size = (await client.LimitsAsync(cancellationToken).ConfigureAwait(false)).MaxBatchSize;
        foreach (var batch in existing.Keys.Chunk(size))
            await client.DeleteAsync(info.Id, batch, cancellationToken).ConfigureAwait(false);

        return existing.Count;
    }

    public async Task<int> DeleteAsync(VectorFilter filter, CancellationToken cancellationToken)
    {
        string[] ids = [.. await reader.MatchingIdsAsync(filter, cancellationToken).ConfigureAwait(false)];
        return ids.Length == 0 ? 0 : await DeleteAsync(ids, cancellationToken).ConfigureAwait(false);
    }

    private static ChromaWrite New(VectorRecord record) =>
        new(record.Id) { Vector = record.Vector, Document = record.Document, Metadata = ChromaMetadata.Encode(record.Metadata!) };

    /// <summary>
    /// A record as a whole over one that exists: keys it does not have are dropped, and a text it does not have is emptied and marked.
    /// </summary>
    private static ChromaWrite Replacement(VectorRecord record, IReadOnlyList<string> oldKeys)
    {
        var metadata = ChromaMetadata.Encode(record.Metadata!);
        if (record.Document is null)
            metadata[ChromaMetadata.NoDocument] = true;

        Drop(oldKeys, metadata);
        return new ChromaWrite(record.Id) { Vector = record.Vector, Document = record.Document ?? "", Metadata = metadata };
    }

    private static ChromaWrite Change(VectorRecordUpdate update, IReadOnlyList<string> oldKeys)
    {
        var metadata = update.Metadata is null ?
            new Dictionary<string, MetadataValue?>(StringComparer.Ordinal) :
            ChromaMetadata.Encode(update.Metadata);
        if (update.Metadata is not null)
            Drop([.. oldKeys.Where(static key => key != ChromaMetadata.NoDocument)], metadata);

        if (update.Document is not null && oldKeys.Contains(ChromaMetadata.NoDocument))
            metadata[ChromaMetadata.NoDocument] = null;

        return new ChromaWrite(update.Id) { Vector = update.Vector, Document = update.Document, Metadata = metadata };
    }

    private static void Drop(IReadOnlyList<string> oldKeys, Dictionary<string, MetadataValue?> metadata)
    {
        foreach (var key in oldKeys)
            metadata.TryAdd(key, null);
    }

    private async Task WriteAsync(string verb, ChromaWrite[] records, CancellationToken cancellationToken)
    {
        var limit = await client.LimitsAsync(cancellationToken).ConfigureAwait(false);
        foreach (var batch in records.Chunk(limit.MaxBatchSize))
            await client.WriteAsync(info.Id, verb, batch, limit.SupportsBase64, cancellationToken).ConfigureAwait(false);
    }
}
