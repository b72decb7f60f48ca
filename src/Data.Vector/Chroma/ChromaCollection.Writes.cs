using System.Text.Json;
using Data.Vector.Collections;

namespace Data.Vector.Chroma;

internal sealed partial class ChromaCollection
{
    protected override async Task AddCoreAsync(VectorRecord[] records, CancellationToken cancellationToken)
    {
        string[] ids = [.. records.Select(static record => record.Id)];
        using var reservation = await reservations.TakeAsync(ids, cancellationToken).ConfigureAwait(false);
        var existing = await ExistingAsync(ids, cancellationToken).ConfigureAwait(false);
        if (existing.Count > 0)
            throw new VectorRecordExistsException(Name, [.. ids.Where(existing.ContainsKey)]);

        await WriteAsync("add", [.. records.Select(static record => New(record))], cancellationToken).ConfigureAwait(false);
    }

    protected override async Task UpsertCoreAsync(VectorRecord[] records, CancellationToken cancellationToken)
    {
        string[] ids = [.. records.Select(static record => record.Id)];
        using var reservation = await reservations.TakeAsync(ids, cancellationToken).ConfigureAwait(false);
        var existing = await ExistingAsync(ids, cancellationToken).ConfigureAwait(false);
        var rows = records.Select(record => existing.TryGetValue(record.Id, out var keys) ? Replacement(record, keys) : New(record));
        await WriteAsync("upsert", [.. rows], cancellationToken).ConfigureAwait(false);
    }

    protected override async Task UpdateCoreAsync(VectorRecordUpdate[] updates, CancellationToken cancellationToken)
    {
        string[] ids = [.. updates.Select(static update => update.Id)];
        using var reservation = await reservations.TakeAsync(ids, cancellationToken).ConfigureAwait(false);
        var existing = await ExistingAsync(ids, cancellationToken).ConfigureAwait(false);
        if (existing.Count < ids.Length)
            throw new VectorRecordNotFoundException(Name, [.. ids.Where(id => !existing.ContainsKey(id))]);

        await WriteAsync("update", [.. updates.Select(update => Change(update, existing[update.Id]))], cancellationToken).ConfigureAwait(
            false);
    }

    protected override async Task<int> DeleteCoreAsync(string[] ids, CancellationToken cancellationToken)
    {
        using var reservation = await reservations.TakeAsync(ids, cancellationToken).ConfigureAwait(false);
        var existing = await ExistingAsync(ids, cancellationToken).ConfigureAwait(false);
        var size = (await limits(cancellationToken).ConfigureAwait(false)).MaxBatchSize;
        foreach (var batch in existing.Keys.Chunk(size))
            await client.DeleteAsync(info.Id, batch, cancellationToken).ConfigureAwait(false);

        return existing.Count;
    }

    protected override async Task<int> DeleteCoreAsync(VectorFilter filter, CancellationToken cancellationToken)
    {
        string[] ids = [.. await MatchingIdsAsync(filter, cancellationToken).ConfigureAwait(false)];
        return ids.Length == 0 ? 0 : await DeleteCoreAsync(ids, cancellationToken).ConfigureAwait(false);
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
        var limit = await limits(cancellationToken).ConfigureAwait(false);
        foreach (var batch in records.Chunk(limit.MaxBatchSize))
            await client.WriteAsync(info.Id, verb, batch, limit.SupportsBase64, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Those of the ids that exist, with the metadata keys that their records have on the server.</summary>
    private async Task<Dictionary<string, IReadOnlyList<string>>> ExistingAsync(string[] ids, CancellationToken cancellationToken)
    {
        var existing = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        var size = (await limits(cancellationToken).ConfigureAwait(false)).MaxBatchSize;
        foreach (var batch in ids.Chunk(size))
        {
            using var answer = await client.GetAsync(info.Id, new ChromaQuery { Ids = batch, IncludeDocuments = false }, cancellationToken)
                .ConfigureAwait(false);
            var found = new ChromaAnswer(answer.RootElement);
            for (var i = 0; i < found.Count; i++)
            {
                var metadata = found.RawMetadata(i);
                existing[found.Id(i)] = metadata.ValueKind == JsonValueKind.Object ?
                    [.. metadata.EnumerateObject().Select(static property => property.Name)] :
                    [];
            }
        }

        return existing;
    }
}
