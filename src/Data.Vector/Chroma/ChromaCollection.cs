using System.Runtime.CompilerServices;
using Data.Vector.Collections;

namespace Data.Vector.Chroma;

/// <summary>A collection on a Chroma server, with the interface's behaviour where the server's own differs.</summary>
internal sealed class ChromaCollection : VectorCollectionBase
{
    private readonly ChromaCollectionInfo _info;
    private readonly ChromaClient _client;
    private readonly ChromaReader _reader;
    private readonly ChromaWriter _writer;
    private readonly ChromaSearch _search;

    public ChromaCollection(ChromaCollectionInfo info, ChromaClient client, Embedder? embedder, IdReservations reservations)
        : base(info.Name, info.Options, embedder)
    {
        _info = info;
        _client = client;
        _reader = new ChromaReader(info, client);
        _writer = new ChromaWriter(info, client, _reader, reservations);
        _search = new ChromaSearch(info, client);
    }

    protected override string HybridSearchRefusal =>
        $"Collection '{Name}' is in Chroma, which does not rank texts by their words; use SearchAsync, with "
        + "VectorFilter.DocumentContains where words must occur, or a store in process.";

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

    protected override async Task<IReadOnlyList<VectorRecord>> GetCoreAsync(
        IReadOnlyList<string> ids,
        bool includeVectors,
        CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, VectorRecord>(StringComparer.Ordinal);
        await foreach (var record in _reader.FetchAsync(
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
            ? await _client.CountAsync(_info.Id, cancellationToken).ConfigureAwait(false)
            : (await _reader.MatchingIdsAsync(filter, cancellationToken).ConfigureAwait(false)).Count;

    protected override async IAsyncEnumerable<VectorRecord> StreamCoreAsync(
        VectorStreamOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Pages by offset would slip when a record is deleted meanwhile, so the ids are fixed first.
        var ids = await _reader.MatchingIdsAsync(options.Filter, cancellationToken).ConfigureAwait(false);
        var query = new ChromaQuery { IncludeVectors = options.IncludeVectors, IncludeDocuments = options.IncludeDocuments };
        await foreach (var record in _reader.FetchAsync(ids, query, cancellationToken).ConfigureAwait(false))
            yield return record;
    }

    protected override async ValueTask<int> SearchCoreAsync(
        SearchPlan plan,
        Memory<VectorMatch> destination,
        CancellationToken cancellationToken)
    {
        var matches = await _search.NearestAsync([plan], cancellationToken).ConfigureAwait(false);
        var count = Math.Min(matches[0].Count, plan.Top);
        for (var i = 0; i < count; i++)
            destination.Span[i] = matches[0][i];

        return count;
    }

    protected override ValueTask<IReadOnlyList<VectorMatch>> SearchRangeCoreAsync(
        SearchPlan plan,
        float maxDistance,
        CancellationToken cancellationToken) => _search.WithinAsync(plan, maxDistance, cancellationToken);

    protected override async Task<IReadOnlyList<IReadOnlyList<VectorMatch>>> SearchBatchCoreAsync(
        IReadOnlyList<VectorSearchRequest> requests, CancellationToken cancellationToken)
    {
        var results = new IReadOnlyList<VectorMatch>[requests.Count];
        var groups = Enumerable.Range(0, requests.Count)
            .GroupBy(i => requests[i] is { Skip: 0, Mmr: null } r ?
                (r.Top, r.Filter, r.IncludeVectors, r.IncludeDocuments, -1) :
                (0, null, false, false, i));
        foreach (var group in groups)
        {
            int[] members = [.. group];
            if (group.Key.Item5 >= 0)
            {
                results[members[0]] = await SearchAsync(requests[members[0]], cancellationToken).ConfigureAwait(false);
                continue;
            }

            SearchPlan[] plans = [.. members.Select(i => SearchPlan.For(requests[i], requests[i].Vector))];
            var found = await _search.NearestAsync(plans, cancellationToken).ConfigureAwait(false);
            for (var k = 0; k < members.Length; k++)
            {
                VectorMatch[] matches = [.. found[k].Take(plans[k].Top)];
                results[members[k]] = Trim(matches, Cut(requests[members[k]], matches));
            }
        }

        return results;
    }
}
