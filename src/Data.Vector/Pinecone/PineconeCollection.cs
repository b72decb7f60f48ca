using System.Runtime.CompilerServices;
using Data.Vector.Collections;

namespace Data.Vector.Pinecone;

/// <summary>A collection on Pinecone: an index, and in it the one namespace that the options name.</summary>
/// <remarks>
/// The server knows no add and no update of a whole record, only upserts, so writes look up what is there first. Writes of this process to
/// one id follow one another; between two processes the last one wins. The server acknowledges writes before it indexes them: a write waits
/// until searches see it.
/// </remarks>
internal sealed partial class PineconeCollection(
    PineconeIndexInfo info,
    PineconeClient client,
    PineconeVectorStoreOptions settings,
    Embedder? embedder,
    IdReservations reservations,
    TimeProvider time) : VectorCollectionBase(info.Name, info.Options, embedder)
{
    private const int FetchCount = 100, FetchAddressLength = 4_000;

    protected override async Task<IReadOnlyList<VectorRecord>> GetCoreAsync(
        IReadOnlyList<string> ids,
        bool includeVectors,
        CancellationToken cancellationToken)
    {
        var found = await FetchAsync([.. ids.Distinct(StringComparer.Ordinal)], includeVectors, includeDocuments: true, cancellationToken)
            .ConfigureAwait(false);
        return [.. ids.Where(found.ContainsKey).Select(id => found[id])];
    }

    protected override async Task<long> CountCoreAsync(VectorFilter? filter, CancellationToken cancellationToken)
    {
        if (filter is null)
            return await client.CountAsync(info.Host, cancellationToken).ConfigureAwait(false);

        var count = 0L;
        await foreach (var _ in MatchingAsync(filter, includeVectors: false, includeDocuments: true, cancellationToken).ConfigureAwait(
            false))
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
        await foreach (var record in MatchingAsync(options.Filter, options.IncludeVectors, includeDocuments: true, cancellationToken)
            .ConfigureAwait(false))
        {
            yield return options.IncludeDocuments || record.Document is null ?
                record :
                new VectorRecord(record.Id, record.Vector) { Metadata = record.Metadata };
        }
    }

    /// <summary>Every record that a filter accepts: all are read, because the server lists by nothing but the id.</summary>
    private async IAsyncEnumerable<VectorRecord> MatchingAsync(
        VectorFilter? filter, bool includeVectors, bool includeDocuments, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? token = null;
        do
        {
            (var ids, token) = await client.ListAsync(info.Host, token, cancellationToken).ConfigureAwait(false);
            foreach (var record in (await FetchAsync(ids, includeVectors, includeDocuments, cancellationToken).ConfigureAwait(false))
                .Values)
            {
                if (filter?.Matches(record.Metadata!, record.Document) != false)
                    yield return record;
            }
        }
        while (token is not null);
    }

    private async Task<Dictionary<string, VectorRecord>> FetchAsync(
        IReadOnlyList<string> ids,
        bool includeVectors,
        bool includeDocuments,
        CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, VectorRecord>(StringComparer.Ordinal);
        foreach (var batch in Batches(ids, static id => Uri.EscapeDataString(id).Length, FetchCount, FetchAddressLength))
        {
            using var answer = await client.FetchAsync(info.Host, batch, cancellationToken).ConfigureAwait(false);
            foreach (var property in answer.RootElement.GetProperty("vectors").EnumerateObject())
                found[property.Name] = PineconeMatches.Record(property.Name, property.Value, includeVectors, includeDocuments);
        }

        return found;
    }

    /// <summary>Cuts a list into pieces of a bounded count and a bounded sum of sizes.</summary>
    private static IEnumerable<List<T>> Batches<T>(IEnumerable<T> items, Func<T, int> size, int mostItems, int mostSize)
    {
        var batch = new List<T>();
        var sum = 0;
        foreach (var item in items)
        {
            var own = size(item);
            if (batch.Count == mostItems || (batch.Count > 0 && sum + own > mostSize))
            {
                yield return batch;
                batch = [];
                sum = 0;
            }

            batch.Add(item);
            sum += own;
        }

        if (batch.Count > 0)
            yield return batch;
    }
}
