using System.Buffers;

namespace Data.Vector.Collections;

/// <summary>
/// The part that all collections share: it rejects malformed input before anything is written, turns texts into vectors, and applies
/// thresholds and re-ranking. Stores implement the rest on input that has been checked.
/// </summary>
internal abstract class VectorCollectionBase(string name, VectorCollectionOptions options, Embedder? embedder) : IVectorCollection
{
    private readonly RecordIntake _intake = new(embedder, options.Dimensions, options.Metric);

    public string Name { get; } = name;

    public VectorCollectionOptions Options { get; protected set; } = options;

    public bool SupportsHybridSearch => HybridSearchRefusal is null;

    /// <summary>Why the collection has no hybrid search, naming the store and an alternative; null when it has one.</summary>
    protected abstract string? HybridSearchRefusal { get; }

    private Embedder? Embedder { get; } = embedder;

    public async Task AddAsync(IReadOnlyList<VectorRecord> records, CancellationToken cancellationToken = default)
    {
        var sound = await _intake.SoundAsync(records, cancellationToken).ConfigureAwait(false);
        if (sound.Length > 0)
            await AddCoreAsync(sound, cancellationToken).ConfigureAwait(false);
    }

    public async Task UpsertAsync(IReadOnlyList<VectorRecord> records, CancellationToken cancellationToken = default)
    {
        var sound = await _intake.SoundAsync(records, cancellationToken).ConfigureAwait(false);
        if (sound.Length > 0)
            await UpsertCoreAsync(sound, cancellationToken).ConfigureAwait(false);
    }

    public async Task UpdateAsync(IReadOnlyList<VectorRecordUpdate> updates, CancellationToken cancellationToken = default)
    {
        var sound = await _intake.SoundAsync(updates, cancellationToken).ConfigureAwait(false);
        if (sound.Length > 0)
            await UpdateCoreAsync(sound, cancellationToken).ConfigureAwait(false);
    }

    public Task<int> DeleteAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken = default)
    {
        Ids(ids);
        return ids.Count == 0 ? Task.FromResult(0) : DeleteCoreAsync(ids.Distinct(StringComparer.Ordinal).ToArray(), cancellationToken);
    }

    public Task<int> DeleteAsync(VectorFilter filter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return DeleteCoreAsync(filter, cancellationToken);
    }

    public Task<IReadOnlyList<VectorRecord>> GetAsync(
        IReadOnlyList<string> ids,
        bool includeVectors = true,
        CancellationToken cancellationToken = default)
    {
        Ids(ids);
        return ids.Count == 0 ? Task.FromResult<IReadOnlyList<VectorRecord>>([]) : GetCoreAsync(ids, includeVectors, cancellationToken);
    }

    public ValueTask<IReadOnlyList<VectorMatch>> SearchAsync(VectorSearchRequest request, CancellationToken cancellationToken = default)
    {
        RequestGuard.Check(request, Embedder is not null);
        var matches = new VectorMatch[request.Top];
        var search = SearchIntoAsync(request, matches, cancellationToken);
        return search.IsCompletedSuccessfully
            ? new ValueTask<IReadOnlyList<VectorMatch>>(Trim(matches, search.Result))
            : AwaitAsync(search, matches);

        static async ValueTask<IReadOnlyList<VectorMatch>> AwaitAsync(ValueTask<int> search, VectorMatch[] matches) =>
            Trim(matches, await search.ConfigureAwait(false));
    }

    public ValueTask<int> SearchAsync(
        VectorSearchRequest request,
        Memory<VectorMatch> destination,
        CancellationToken cancellationToken = default)
    {
        RequestGuard.Check(request, Embedder is not null);
        return destination.Length < request.Top
            ? throw new ArgumentException(
                $"The destination holds {destination.Length} matches; the request asks for {request.Top}.",
                nameof(destination))
            : SearchIntoAsync(request, destination[..request.Top], cancellationToken);
    }

    public async Task<IReadOnlyList<IReadOnlyList<VectorMatch>>> SearchBatchAsync(
        IReadOnlyList<VectorSearchRequest> requests, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        foreach (var request in requests)
        {
            RequestGuard.Check(request, Embedder is not null);
            if (request.Text is null)
                RequestGuard.Vector(request.Vector.Span, Options);
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (requests.Count == 0)
            return [];

        var searches = await EmbedAsync(requests, cancellationToken).ConfigureAwait(false);
        return await SearchBatchCoreAsync(searches, cancellationToken).ConfigureAwait(false);
    }

    public async Task<IReadOnlyList<VectorMatch>> SearchRangeAsync(
        VectorRangeRequest request,
        CancellationToken cancellationToken = default)
    {
        RequestGuard.Check(request, Embedder is not null);
        var vector = request.Text is null ? request.Vector : await EmbedQueryAsync(request.Text, cancellationToken).ConfigureAwait(false);
        RequestGuard.Vector(vector.Span, Options);
        var plan = new SearchPlan
        {
            Vector = vector,
            Top = request.Limit,
            Filter = request.Filter,
            IncludeVectors = request.IncludeVectors,
            IncludeDocuments = request.IncludeDocuments,
        };
        return await SearchRangeCoreAsync(plan, request.MaxDistance, cancellationToken).ConfigureAwait(false);
    }

    public async Task<IReadOnlyList<HybridMatch>> HybridSearchAsync(
        HybridSearchRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (HybridSearchRefusal is { } refusal)
            throw new HybridSearchNotSupportedException(refusal);

        RequestGuard.Check(request, Embedder is not null);
        cancellationToken.ThrowIfCancellationRequested();
        if (!request.Fusion.UsesVector)
            return await HybridSearchCoreAsync(HybridPlan.For(request, default), cancellationToken).ConfigureAwait(false);

        var vector = request.TextToEmbed is { } text
            ? await EmbedQueryAsync(text, cancellationToken).ConfigureAwait(false)
            : request.Vector;
        RequestGuard.Vector(vector.Span, Options);
        return await HybridSearchCoreAsync(HybridPlan.For(request, vector), cancellationToken).ConfigureAwait(false);
    }

    public Task<long> CountAsync(VectorFilter? filter = null, CancellationToken cancellationToken = default) =>
        CountCoreAsync(filter, cancellationToken);

    public IAsyncEnumerable<VectorRecord> StreamAsync(VectorStreamOptions? options = null, CancellationToken cancellationToken = default) =>
        StreamCoreAsync(options ?? new VectorStreamOptions(), cancellationToken);

    protected abstract Task AddCoreAsync(VectorRecord[] records, CancellationToken cancellationToken);

    protected abstract Task UpsertCoreAsync(VectorRecord[] records, CancellationToken cancellationToken);

    protected abstract Task UpdateCoreAsync(VectorRecordUpdate[] updates, CancellationToken cancellationToken);

    protected abstract Task<int> DeleteCoreAsync(string[] ids, CancellationToken cancellationToken);

    protected abstract Task<int> DeleteCoreAsync(VectorFilter filter, CancellationToken cancellationToken);

    protected abstract Task<IReadOnlyList<VectorRecord>> GetCoreAsync(
        IReadOnlyList<string> ids,
        bool includeVectors,
        CancellationToken cancellationToken);

    protected abstract Task<long> CountCoreAsync(VectorFilter? filter, CancellationToken cancellationToken);

    protected abstract IAsyncEnumerable<VectorRecord> StreamCoreAsync(VectorStreamOptions options, CancellationToken cancellationToken);

    /// <summary>Finds the nearest records; writes at most <see cref="SearchPlan.Top"/> of them, ordered by distance, then id.</summary>
    protected abstract ValueTask<int> SearchCoreAsync(
        SearchPlan plan,
        Memory<VectorMatch> destination,
        CancellationToken cancellationToken);

    /// <summary>Finds at most <see cref="SearchPlan.Top"/> records within a distance, ordered by distance, then id.</summary>
    protected abstract ValueTask<IReadOnlyList<VectorMatch>> SearchRangeCoreAsync(
        SearchPlan plan,
        float maxDistance,
        CancellationToken cancellationToken);

    /// <summary>Runs a hybrid search; called only where <see cref="HybridSearchRefusal"/> is null.</summary>
    protected virtual Task<IReadOnlyList<HybridMatch>> HybridSearchCoreAsync(HybridPlan plan, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>Runs several searches that have been checked, all of them by vector.</summary>
    protected abstract Task<IReadOnlyList<IReadOnlyList<VectorMatch>>> SearchBatchCoreAsync(
        IReadOnlyList<VectorSearchRequest> requests, CancellationToken cancellationToken);

    /// <summary>Drops the matches that are not similar enough; the input is ordered, so they are the last ones.</summary>
    protected static int Cut(VectorSearchRequest request, ReadOnlySpan<VectorMatch> matches)
    {
        var count = matches.Length;
        if (request.Threshold is not { } threshold)
            return count;

        while (count > 0 && matches[count - 1].Similarity < threshold)
            count--;

        return count;
    }

    protected static IReadOnlyList<VectorMatch> Trim(VectorMatch[] matches, int count) =>
        count == matches.Length ? matches : count == 0 ? [] : matches.AsSpan(0, count).ToArray();

    private ValueTask<int> SearchIntoAsync(
        VectorSearchRequest request,
        Memory<VectorMatch> destination,
        CancellationToken cancellationToken)
    {
        if (request.Skip > 0)
            return SearchPageAsync(request, destination, cancellationToken);

        if (request.Text is not null)
            return SearchTextAsync(request, destination, cancellationToken);

        RequestGuard.Vector(request.Vector.Span, Options);
        return SearchVectorAsync(request, request.Vector, destination, cancellationToken);
    }

    private async ValueTask<int> SearchPageAsync(
        VectorSearchRequest request, Memory<VectorMatch> destination, CancellationToken cancellationToken)
    {
        var all = request.WithoutSkip();
        var matches = ArrayPool<VectorMatch>.Shared.Rent(all.Top);
        try
        {
            var count = await SearchIntoAsync(all, matches.AsMemory(0, all.Top), cancellationToken).ConfigureAwait(false);
            var page = matches.AsSpan(0, count)[Math.Min(request.Skip, count)..];
            page.CopyTo(destination.Span);
            return page.Length;
        }
        finally
        {
            ArrayPool<VectorMatch>.Shared.Return(matches, clearArray: true);
        }
    }

    private async ValueTask<int> SearchTextAsync(
        VectorSearchRequest request,
        Memory<VectorMatch> destination,
        CancellationToken cancellationToken)
    {
        var vector = await EmbedQueryAsync(request.Text!, cancellationToken).ConfigureAwait(false);
        RequestGuard.Vector(vector.Span, Options);
        return await SearchVectorAsync(request, vector, destination, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask<int> SearchVectorAsync(
        VectorSearchRequest request, ReadOnlyMemory<float> vector, Memory<VectorMatch> destination, CancellationToken cancellationToken)
    {
        if (request.Mmr is not null)
            return SearchDiverseAsync(request, vector, destination, cancellationToken);

        var search = SearchCoreAsync(SearchPlan.For(request, vector), destination, cancellationToken);
        return search.IsCompletedSuccessfully
            ? new ValueTask<int>(Cut(request, destination.Span[..search.Result]))
            : CutAsync(search, request, destination);
    }

    // A local function would capture, and its closure would be allocated on the synchronous path too.
    private static async ValueTask<int> CutAsync(ValueTask<int> search, VectorSearchRequest request, Memory<VectorMatch> destination)
    {
        var count = await search.ConfigureAwait(false);
        return Cut(request, destination.Span[..count]);
    }

    private async ValueTask<int> SearchDiverseAsync(
        VectorSearchRequest request, ReadOnlyMemory<float> vector, Memory<VectorMatch> destination, CancellationToken cancellationToken)
    {
        var mmr = request.Mmr!;
        var wanted = Math.Max(
            request.Top,
            mmr.CandidateCount == 0 ? Math.Min(request.Top * 4, VectorSearchRequest.MaxTop) : mmr.CandidateCount);
        var candidates = ArrayPool<VectorMatch>.Shared.Rent(wanted);
        try
        {
            var plan = SearchPlan.For(request, vector) with { Top = wanted, IncludeVectors = true };
            var found = await SearchCoreAsync(plan, candidates.AsMemory(0, wanted), cancellationToken).ConfigureAwait(false);
            found = Cut(request, candidates.AsSpan(0, found));
            var chosen = MaximalMarginalRelevance.Choose(candidates.AsSpan(0, found), request.Top, mmr.Lambda, Options.Metric);
            for (var i = 0; i < chosen; i++)
                destination.Span[i] = request.IncludeVectors ? candidates[i] : candidates[i].WithoutVector();

            return chosen;
        }
        finally
        {
            ArrayPool<VectorMatch>.Shared.Return(candidates, clearArray: true);
        }
    }

    private async ValueTask<ReadOnlyMemory<float>> EmbedQueryAsync(string text, CancellationToken cancellationToken) =>
        (await Embedder!.EmbedAsync([text], Options.Dimensions, cancellationToken).ConfigureAwait(false))[0];

    /// <summary>Embeds the texts of all searches with one call.</summary>
    private async ValueTask<IReadOnlyList<VectorSearchRequest>> EmbedAsync(
        IReadOnlyList<VectorSearchRequest> requests, CancellationToken cancellationToken)
    {
        string[] texts = [.. requests.Select(static request => request.Text).OfType<string>()];
        if (texts.Length == 0)
            return requests;

        var vectors = await Embedder!.EmbedAsync(texts, Options.Dimensions, cancellationToken).ConfigureAwait(false);
        Array.ForEach(vectors, vector => RequestGuard.Vector(vector.Span, Options));
        var next = 0;
        return [.. requests.Select(request => request.Text is null ? request : request.For(vectors[next++]))];
    }

    private static void Ids(IReadOnlyList<string> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        for (var i = 0; i < ids.Count; i++)
            InputGuard.Id(ids[i], i);
    }
}
