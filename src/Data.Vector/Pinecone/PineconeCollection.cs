using System.Runtime.CompilerServices;
using Data.Vector.Collections;

namespace Data.Vector.Pinecone;

/// <summary>A collection on Pinecone: an index, and in it the one namespace that the options name.</summary>
internal sealed class PineconeCollection : VectorCollectionBase
{
    private const int BatchConcurrency = 8;

    private readonly PineconeIndexInfo _info;
    private readonly PineconeClient _client;
    private readonly PineconeReader _reader;
    private readonly PineconeWriter _writer;
    private readonly PineconeSearch _search;

    public PineconeCollection(
        PineconeIndexInfo info,
        PineconeClient client,
        TimeSpan freshnessTimeout,
        Embedder? embedder,
        IdReservations reservations,
        TimeProvider time)
        : base(info.Name, info.Options, embedder)
    {
        _info = info;
        _client = client;
        _reader = new PineconeReader(info, client);
        _writer = new PineconeWriter(info, client, _reader, freshnessTimeout, reservations, time);
        _search = new PineconeSearch(info, client);
    }

    protected override string HybridSearchRefusal =>
        $"Collection '{Name}' is in Pinecone, whose dense indexes do not rank texts by their words; use SearchAsync, or a store in "
        + "process.";

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
        string[] distinct = [.. ids.Distinct(StringComparer.Ordinal)];
        var found = await _reader.FetchAsync(distinct, includeVectors, includeDocuments: true, cancellationToken).ConfigureAwait(false);
        return [.. ids.Where(found.ContainsKey).Select(id => found[id])];
    }

    protected override async Task<long> CountCoreAsync(VectorFilter? filter, CancellationToken cancellationToken)
    {
        if (filter is null)
            return await _client.CountAsync(_info.Host, cancellationToken).ConfigureAwait(false);

        var count = 0L;
        await foreach (var _ in _reader.MatchingAsync(filter, includeVectors: false, includeDocuments: true, cancellationToken)
            .ConfigureAwait(false))
        {
            count++;
        }

        return count;
    }

    protected override async IAsyncEnumerable<VectorRecord> StreamCoreAsync(
        VectorStreamOptions options,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // The filter may ask for the text, whether the caller wants it or not.
        var matching = _reader.MatchingAsync(options.Filter, options.IncludeVectors, includeDocuments: true, cancellationToken);
        await foreach (var record in matching.ConfigureAwait(false))
        {
            yield return options.IncludeDocuments || record.Document is null ?
                record :
                new VectorRecord(record.Id, record.Vector) { Metadata = record.Metadata };
        }
    }

    protected override async ValueTask<int> SearchCoreAsync(
        SearchPlan plan,
        Memory<VectorMatch> destination,
        CancellationToken cancellationToken)
    {
        if (plan.Top > PineconeSearch.MaxTop)
            throw new VectorInputException($"Top is {plan.Top}; Pinecone returns at most {PineconeSearch.MaxTop:N0} records.");

        var matches = await _search.NearestAsync(plan, plan.Top, cancellationToken).ConfigureAwait(false);
        matches.CopyTo(destination.Span);
        return matches.Count;
    }

    protected override ValueTask<IReadOnlyList<VectorMatch>> SearchRangeCoreAsync(
        SearchPlan plan,
        float maxDistance,
        CancellationToken cancellationToken) => _search.WithinAsync(plan, maxDistance, cancellationToken);

    protected override async Task<IReadOnlyList<IReadOnlyList<VectorMatch>>> SearchBatchCoreAsync(
        IReadOnlyList<VectorSearchRequest> requests, CancellationToken cancellationToken)
    {
        var results = new IReadOnlyList<VectorMatch>[requests.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = BatchConcurrency, CancellationToken = cancellationToken };
        await Parallel.ForAsync(
            0,
            results.Length,
            options,
            async (i, cancel) => results[i] = await SearchAsync(requests[i], cancel).ConfigureAwait(false)).ConfigureAwait(false);
        return results;
    }
}
