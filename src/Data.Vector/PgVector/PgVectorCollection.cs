using System.Runtime.CompilerServices;
using Data.Vector.Collections;

namespace Data.Vector.PgVector;

/// <summary>A collection in PostgreSQL: a table.</summary>
internal sealed class PgVectorCollection : VectorCollectionBase
{
    private const int BatchConcurrency = 4;

    private readonly PgReader _reader;
    private readonly PgWriter _writer;
    private readonly PgSearch _search;
    private readonly PgHybridSearch _hybrid;
    private readonly PgWordFilter _words;

    public PgVectorCollection(PgTable table, PgDatabase database, Embedder? embedder)
        : base(table.Collection, table.Options, embedder)
    {
        _reader = new PgReader(table, database);
        _writer = new PgWriter(table, database);
        _search = new PgSearch(table, database);
        _hybrid = new PgHybridSearch(table, database, _search);
        _words = new PgWordFilter(_reader);
    }

    protected override string? HybridSearchRefusal => Options.TextIndex == VectorTextIndex.None
        ? $"Collection '{Name}' was created without a text index; use SearchAsync, or create it with VectorTextIndex.Always."
        : null;

    protected override Task AddCoreAsync(VectorRecord[] records, CancellationToken cancellationToken) =>
        _writer.AddAsync(records, cancellationToken);

    protected override Task UpsertCoreAsync(VectorRecord[] records, CancellationToken cancellationToken) =>
        _writer.UpsertAsync(records, cancellationToken);

    protected override Task UpdateCoreAsync(VectorRecordUpdate[] updates, CancellationToken cancellationToken) =>
        _writer.UpdateAsync(updates, cancellationToken);

    protected override Task<int> DeleteCoreAsync(string[] ids, CancellationToken cancellationToken) =>
        _writer.DeleteAsync(ids, cancellationToken);

    protected override async Task<int> DeleteCoreAsync(VectorFilter filter, CancellationToken cancellationToken)
    {
        var resolved = await _words.ResolveAsync(filter, cancellationToken).ConfigureAwait(false);
        return await _writer.DeleteAsync(resolved!, cancellationToken).ConfigureAwait(false);
    }

    protected override Task<IReadOnlyList<VectorRecord>> GetCoreAsync(
        IReadOnlyList<string> ids,
        bool includeVectors,
        CancellationToken cancellationToken) => _reader.GetAsync(ids, includeVectors, cancellationToken);

    protected override async Task<long> CountCoreAsync(VectorFilter? filter, CancellationToken cancellationToken)
    {
        var resolved = await _words.ResolveAsync(filter, cancellationToken).ConfigureAwait(false);
        return await _reader.CountAsync(resolved, cancellationToken).ConfigureAwait(false);
    }

    protected override async IAsyncEnumerable<VectorRecord> StreamCoreAsync(
        VectorStreamOptions options,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var resolved = new VectorStreamOptions
        {
            Filter = await _words.ResolveAsync(options.Filter, cancellationToken).ConfigureAwait(false),
            IncludeVectors = options.IncludeVectors,
            IncludeDocuments = options.IncludeDocuments,
        };
        await foreach (var record in _reader.StreamAsync(resolved, cancellationToken).ConfigureAwait(false))
            yield return record;
    }

    protected override async ValueTask<int> SearchCoreAsync(
        SearchPlan plan,
        Memory<VectorMatch> destination,
        CancellationToken cancellationToken)
    {
        var resolved = plan with { Filter = await _words.ResolveAsync(plan.Filter, cancellationToken).ConfigureAwait(false) };
        var matches = await _search.NearestAsync(resolved, cancellationToken).ConfigureAwait(false);
        matches.CopyTo(destination.Span);
        return matches.Count;
    }

    protected override async ValueTask<IReadOnlyList<VectorMatch>> SearchRangeCoreAsync(
        SearchPlan plan,
        float maxDistance,
        CancellationToken cancellationToken)
    {
        var resolved = plan with { Filter = await _words.ResolveAsync(plan.Filter, cancellationToken).ConfigureAwait(false) };
        return await _search.WithinAsync(resolved, maxDistance, cancellationToken).ConfigureAwait(false);
    }

    protected override async Task<IReadOnlyList<HybridMatch>> HybridSearchCoreAsync(HybridPlan plan, CancellationToken cancellationToken)
    {
        var resolved = plan with { Filter = await _words.ResolveAsync(plan.Filter, cancellationToken).ConfigureAwait(false) };
        return await _hybrid.BestAsync(resolved, cancellationToken).ConfigureAwait(false);
    }

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
