using System.Runtime.CompilerServices;
using Data.Vector.Collections;

namespace Data.Vector.Telemetry;

/// <summary>A collection whose calls are timed and traced. Without a listener every call is forwarded unchanged.</summary>
internal sealed class MeasuredCollection(IVectorCollection inner, string system, TimeProvider time) : IVectorCollection
{
    private readonly string _measured = StoreProbe.MetricName(inner.Name);

    public string Name => inner.Name;

    public VectorCollectionOptions Options => inner.Options;

    public bool SupportsHybridSearch => inner.SupportsHybridSearch;

    public Task AddAsync(IReadOnlyList<VectorRecord> records, CancellationToken cancellationToken = default) =>
        VectorTelemetry.IsListenedTo ?
            WriteAsync("add", records?.Count, () => inner.AddAsync(records!, cancellationToken)) :
            inner.AddAsync(records, cancellationToken);

    public Task UpsertAsync(IReadOnlyList<VectorRecord> records, CancellationToken cancellationToken = default) =>
        VectorTelemetry.IsListenedTo ?
            WriteAsync("upsert", records?.Count, () => inner.UpsertAsync(records!, cancellationToken)) :
            inner.UpsertAsync(records, cancellationToken);

    public Task UpdateAsync(IReadOnlyList<VectorRecordUpdate> updates, CancellationToken cancellationToken = default) =>
        VectorTelemetry.IsListenedTo ?
            WriteAsync("update", updates?.Count, () => inner.UpdateAsync(updates!, cancellationToken)) :
            inner.UpdateAsync(updates, cancellationToken);

    public Task<int> DeleteAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken = default) =>
        VectorTelemetry.IsListenedTo ?
            DeleteAsync(ids?.Count, () => inner.DeleteAsync(ids!, cancellationToken)) :
            inner.DeleteAsync(ids, cancellationToken);

    public Task<int> DeleteAsync(VectorFilter filter, CancellationToken cancellationToken = default) =>
        VectorTelemetry.IsListenedTo ?
            DeleteAsync(null, () => inner.DeleteAsync(filter, cancellationToken)) :
            inner.DeleteAsync(filter, cancellationToken);

    public Task<IReadOnlyList<VectorRecord>> GetAsync(
        IReadOnlyList<string> ids,
        bool includeVectors = true,
        CancellationToken cancellationToken = default) =>
        VectorTelemetry.IsListenedTo
            ? ReadAsync("get", ids?.Count, () => inner.GetAsync(ids!, includeVectors, cancellationToken), static records => records.Count)
            : inner.GetAsync(ids, includeVectors, cancellationToken);

    public ValueTask<IReadOnlyList<VectorMatch>> SearchAsync(VectorSearchRequest request, CancellationToken cancellationToken = default) =>
        VectorTelemetry.IsListenedTo
            ? MeasuredSearchAsync(request, cancellationToken)
            : inner.SearchAsync(request, cancellationToken);

    public ValueTask<int> SearchAsync(
        VectorSearchRequest request,
        Memory<VectorMatch> destination,
        CancellationToken cancellationToken = default) =>
        VectorTelemetry.IsListenedTo
            ? MeasuredSearchAsync(request, destination, cancellationToken)
            : inner.SearchAsync(request, destination, cancellationToken);

    public Task<IReadOnlyList<IReadOnlyList<VectorMatch>>> SearchBatchAsync(
        IReadOnlyList<VectorSearchRequest> requests,
        CancellationToken cancellationToken = default) =>
        VectorTelemetry.IsListenedTo
            ? ReadAsync(
                "search_batch",
                requests?.Count,
                () => inner.SearchBatchAsync(requests!, cancellationToken),
                static results => results.Sum(static matches => matches.Count))
            : inner.SearchBatchAsync(requests, cancellationToken);

    public Task<IReadOnlyList<VectorMatch>> SearchRangeAsync(VectorRangeRequest request, CancellationToken cancellationToken = default) =>
        VectorTelemetry.IsListenedTo
            ? ReadAsync("search_range", null, () => inner.SearchRangeAsync(request, cancellationToken), static matches => matches.Count)
            : inner.SearchRangeAsync(request, cancellationToken);

    public Task<IReadOnlyList<HybridMatch>> HybridSearchAsync(
        HybridSearchRequest request, CancellationToken cancellationToken = default) =>
        VectorTelemetry.IsListenedTo
            ? ReadAsync("hybrid_search", null, () => inner.HybridSearchAsync(request, cancellationToken), static matches => matches.Count)
            : inner.HybridSearchAsync(request, cancellationToken);

    public Task<long> CountAsync(VectorFilter? filter = null, CancellationToken cancellationToken = default) =>
        VectorTelemetry.IsListenedTo ?
            ReadAsync("count", null, () => inner.CountAsync(filter, cancellationToken), null) :
            inner.CountAsync(filter, cancellationToken);

    public IAsyncEnumerable<VectorRecord> StreamAsync(VectorStreamOptions? options = null, CancellationToken cancellationToken = default) =>
        VectorTelemetry.IsListenedTo ? MeasuredStreamAsync(options, cancellationToken) : inner.StreamAsync(options, cancellationToken);

    // Separate from the methods above, which allocate nothing: what a lambda captures is allocated where its method begins.
    private ValueTask<IReadOnlyList<VectorMatch>> MeasuredSearchAsync(VectorSearchRequest request, CancellationToken cancellationToken) =>
        new(ReadAsync("search", null, () => inner.SearchAsync(request, cancellationToken).AsTask(), static matches => matches.Count));

    private ValueTask<int> MeasuredSearchAsync(
        VectorSearchRequest request,
        Memory<VectorMatch> destination,
        CancellationToken cancellationToken) =>
        new(ReadAsync("search", null, () => inner.SearchAsync(request, destination, cancellationToken).AsTask(), static count => count));

    private async Task WriteAsync(string name, int? batch, Func<Task> write)
    {
        var operation = Operation.Start(time, system, _measured, name, batch);
        try
        {
            await write().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            operation.Failed(exception);
            throw;
        }

        operation.Succeeded(written: batch ?? 0);
    }

    private async Task<int> DeleteAsync(int? batch, Func<Task<int>> delete)
    {
        var operation = Operation.Start(time, system, _measured, "delete", batch);
        try
        {
            var deleted = await delete().ConfigureAwait(false);
            operation.Succeeded(written: deleted);
            return deleted;
        }
        catch (Exception exception)
        {
            operation.Failed(exception);
            throw;
        }
    }

    private async Task<T> ReadAsync<T>(string name, int? batch, Func<Task<T>> read, Func<T, long>? count)
    {
        var operation = Operation.Start(time, system, _measured, name, batch);
        try
        {
            var result = await read().ConfigureAwait(false);
            operation.Succeeded(returned: count?.Invoke(result));
            return result;
        }
        catch (Exception exception)
        {
            operation.Failed(exception);
            throw;
        }
    }

    private async IAsyncEnumerable<VectorRecord> MeasuredStreamAsync(
        VectorStreamOptions? options,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var operation = Operation.Start(time, system, _measured, "stream");
        var records = inner.StreamAsync(options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using var _ = records.ConfigureAwait(false);
        var returned = 0L;
        while (true)
        {
            try
            {
                if (!await records.MoveNextAsync().ConfigureAwait(false))
                    break;
            }
            catch (Exception exception)
            {
                operation.Failed(exception);
                throw;
            }

            returned++;
            yield return records.Current;
        }

        operation.Succeeded(returned: returned);
    }
}
