using System.Runtime.CompilerServices;
using System.Text.Json;
using Data.Vector.Collections;

namespace Data.Vector.Chroma;

/// <summary>A collection on a Chroma server, with the interface's behaviour where the server's own differs.</summary>
/// <remarks>
/// The server ignores an add of an id that exists and an update of one that does not, merges metadata instead of replacing it, and cannot
/// take a text away. So writes look up what is there first. Writes of this process to one id follow one another; between two processes the
/// last one wins.
/// </remarks>
internal sealed partial class ChromaCollection(
    ChromaCollectionInfo info,
    ChromaClient client,
    Func<CancellationToken, ValueTask<ChromaLimits>> limits,
    Embedder? embedder,
    IdReservations reservations) : VectorCollectionBase(info.Name, info.Options, embedder)
{
    protected override async Task<IReadOnlyList<VectorRecord>> GetCoreAsync(
        IReadOnlyList<string> ids,
        bool includeVectors,
        CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, VectorRecord>(StringComparer.Ordinal);
        await foreach (var record in FetchAsync(
            [.. ids.Distinct(StringComparer.Ordinal)],
            new ChromaQuery { IncludeVectors = includeVectors },
            cancellationToken).ConfigureAwait(false))
        {
            found[record.Id] = record;
        }

        return [.. ids.Where(found.ContainsKey).Select(id => found[id])];
    }

    protected override async Task<long> CountCoreAsync(VectorFilter? filter, CancellationToken cancellationToken) =>
        filter is null
            ? await client.CountAsync(info.Id, cancellationToken).ConfigureAwait(false)
            : (await MatchingIdsAsync(filter, cancellationToken).ConfigureAwait(false)).Count;

    protected override async IAsyncEnumerable<VectorRecord> StreamCoreAsync(
        VectorStreamOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Pages by offset would slip when a record is deleted meanwhile, so the ids are fixed first.
        var ids = await MatchingIdsAsync(options.Filter, cancellationToken).ConfigureAwait(false);
        var query = new ChromaQuery { IncludeVectors = options.IncludeVectors, IncludeDocuments = options.IncludeDocuments };
        await foreach (var record in FetchAsync(ids, query, cancellationToken).ConfigureAwait(false))
            yield return record;
    }

    /// <summary>The ids of the records that a filter accepts.</summary>
    private async Task<List<string>> MatchingIdsAsync(VectorFilter? filter, CancellationToken cancellationToken)
    {
        var translated = ChromaFilter.From(filter);
        if (translated.IsNever)
            return [];

        var query = translated.IsExact ? ChromaQuery.IdsOnly : new ChromaQuery();
        using var answer = await client.GetAsync(info.Id, query with { Filter = translated }, cancellationToken).ConfigureAwait(false);
        var found = new ChromaAnswer(answer.RootElement);
        var ids = new List<string>(found.Count);
        for (var i = 0; i < found.Count; i++)
        {
            if (translated.IsExact || Matches(filter, found.Record(i)))
                ids.Add(found.Id(i));
        }

        return ids;
    }

    /// <summary>Reads records by id in batches of a size that the server takes.</summary>
    private async IAsyncEnumerable<VectorRecord> FetchAsync(
        IReadOnlyList<string> ids, ChromaQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var size = (await limits(cancellationToken).ConfigureAwait(false)).MaxBatchSize;
        foreach (var batch in ids.Chunk(size))
        {
            using var answer = await client.GetAsync(info.Id, query with { Ids = batch }, cancellationToken).ConfigureAwait(false);
            var found = new ChromaAnswer(answer.RootElement);
            for (var i = 0; i < found.Count; i++)
                yield return found.Record(i);
        }
    }

    private static bool Matches(VectorFilter? filter, VectorRecord record) => filter?.Matches(record.Metadata!, record.Document) != false;
}
