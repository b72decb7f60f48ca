using System.Runtime.CompilerServices;

namespace Data.Vector.Embedded;

/// <summary>
/// A collection that callers keep while it is closed and opened again: every call goes to the collection that is open, and opens it when
/// none is. A call that finds it closed under its hands has had no effect and is repeated.
/// </summary>
internal sealed class OpeningCollection(CatalogueEntry entry) : IVectorCollection
{
    public string Name => entry.Name;

    public VectorCollectionOptions Options => entry.Options;

    public bool SupportsHybridSearch => entry.Options.TextIndex != VectorTextIndex.None;

    public Task AddAsync(IReadOnlyList<VectorRecord> records, CancellationToken cancellationToken = default) =>
        RunAsync(collection => collection.AddAsync(records, cancellationToken), cancellationToken);

    public Task UpsertAsync(IReadOnlyList<VectorRecord> records, CancellationToken cancellationToken = default) =>
        RunAsync(collection => collection.UpsertAsync(records, cancellationToken), cancellationToken);

    public Task UpdateAsync(IReadOnlyList<VectorRecordUpdate> updates, CancellationToken cancellationToken = default) =>
        RunAsync(collection => collection.UpdateAsync(updates, cancellationToken), cancellationToken);

    public Task<int> DeleteAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken = default) =>
        RunAsync(collection => collection.DeleteAsync(ids, cancellationToken), cancellationToken);

    public Task<int> DeleteAsync(VectorFilter filter, CancellationToken cancellationToken = default) =>
        RunAsync(collection => collection.DeleteAsync(filter, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<VectorRecord>> GetAsync(
        IReadOnlyList<string> ids, bool includeVectors = true, CancellationToken cancellationToken = default) =>
        RunAsync(collection => collection.GetAsync(ids, includeVectors, cancellationToken), cancellationToken);

    public ValueTask<IReadOnlyList<VectorMatch>> SearchAsync(VectorSearchRequest request, CancellationToken cancellationToken = default)
    {
        if (entry.Current is { } open)
        {
            try
            {
                var search = open.SearchAsync(request, cancellationToken);
                return search.IsCompletedSuccessfully ? search : RepeatedAsync(search, open, request, cancellationToken);
            }
            catch (ObjectDisposedException) when (entry.Current != open)
            {
                // Closed since.
            }
        }

        return OpenedAsync(request, cancellationToken);
    }

    public ValueTask<int> SearchAsync(
        VectorSearchRequest request, Memory<VectorMatch> destination, CancellationToken cancellationToken = default)
    {
        if (entry.Current is { } open)
        {
            try
            {
                var search = open.SearchAsync(request, destination, cancellationToken);
                return search.IsCompletedSuccessfully ? search : RepeatedAsync(search, open, request, destination, cancellationToken);
            }
            catch (ObjectDisposedException) when (entry.Current != open)
            {
                // Closed since.
            }
        }

        return OpenedAsync(request, destination, cancellationToken);
    }

    public Task<IReadOnlyList<IReadOnlyList<VectorMatch>>> SearchBatchAsync(
        IReadOnlyList<VectorSearchRequest> requests, CancellationToken cancellationToken = default) =>
        RunAsync(collection => collection.SearchBatchAsync(requests, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<VectorMatch>> SearchRangeAsync(VectorRangeRequest request, CancellationToken cancellationToken = default) =>
        RunAsync(collection => collection.SearchRangeAsync(request, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<HybridMatch>> HybridSearchAsync(
        HybridSearchRequest request, CancellationToken cancellationToken = default) =>
        RunAsync(collection => collection.HybridSearchAsync(request, cancellationToken), cancellationToken);

    public Task<long> CountAsync(VectorFilter? filter = null, CancellationToken cancellationToken = default) =>
        RunAsync(collection => collection.CountAsync(filter, cancellationToken), cancellationToken);

    public async IAsyncEnumerable<VectorRecord> StreamAsync(
        VectorStreamOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var hold = entry.Hold();
        var collection = await entry.OpenAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var record in collection.StreamAsync(options, cancellationToken).ConfigureAwait(false))
            yield return record;
    }

    private async Task RunAsync(Func<EmbeddedCollection, Task> call, CancellationToken cancellationToken) =>
        await RunAsync(
            async collection =>
            {
                await call(collection).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);

    private async Task<T> RunAsync<T>(Func<EmbeddedCollection, Task<T>> call, CancellationToken cancellationToken)
    {
        while (true)
        {
            var collection = await entry.OpenAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await call(collection).ConfigureAwait(false);
            }
            catch (ObjectDisposedException) when (entry.Current != collection)
            {
                // Closed since; opened again, or refused for good, by the next attempt.
            }
        }
    }

    // Separate from the methods above, which allocate nothing: what a lambda captures is allocated where its method begins.
    private ValueTask<IReadOnlyList<VectorMatch>> OpenedAsync(VectorSearchRequest request, CancellationToken cancellationToken) =>
        new(RunAsync(collection => collection.SearchAsync(request, cancellationToken).AsTask(), cancellationToken));

    private ValueTask<int> OpenedAsync(VectorSearchRequest request, Memory<VectorMatch> destination, CancellationToken cancellationToken) =>
        new(RunAsync(collection => collection.SearchAsync(request, destination, cancellationToken).AsTask(), cancellationToken));

    private async ValueTask<IReadOnlyList<VectorMatch>> RepeatedAsync(
        ValueTask<IReadOnlyList<VectorMatch>> search,
        EmbeddedCollection open,
        VectorSearchRequest request,
        CancellationToken cancellationToken)
    {
        try
        {
            return await search.ConfigureAwait(false);
        }
        catch (ObjectDisposedException) when (entry.Current != open)
        {
            return await OpenedAsync(request, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<int> RepeatedAsync(
        ValueTask<int> search,
        EmbeddedCollection open,
        VectorSearchRequest request,
        Memory<VectorMatch> destination,
        CancellationToken cancellationToken)
    {
        try
        {
            return await search.ConfigureAwait(false);
        }
        catch (ObjectDisposedException) when (entry.Current != open)
        {
            return await OpenedAsync(request, destination, cancellationToken).ConfigureAwait(false);
        }
    }
}
