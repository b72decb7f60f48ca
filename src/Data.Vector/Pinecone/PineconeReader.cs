using System.Runtime.CompilerServices;

namespace Data.Vector.Pinecone;

/// <summary>Reads the records of a collection on Pinecone by filter and by id.</summary>
internal sealed class PineconeReader(PineconeIndexInfo info, PineconeClient client)
{
    private const int FetchCount = 100, FetchAddressLength = 4_000;

    /// <summary>Streams the records that a filter accepts: all are read, because the server lists ids only.</summary>
    public async IAsyncEnumerable<VectorRecord> MatchingAsync(
        VectorFilter? filter, bool includeVectors, bool includeDocuments, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? token = null;
        do
        {
            (var ids, token) = await client.ListAsync(info.Host, token, cancellationToken).ConfigureAwait(false);
            foreach (var record in (await FetchAsync(ids, includeVectors, includeDocuments, cancellationToken).ConfigureAwait(false))
                .Values)
            {
                if (record.Matches(filter))
                    yield return record;
            }
        }
        while (token is not null);
    }

    /// <summary>Reads records by id; those that do not exist are not in the result.</summary>
    public async Task<Dictionary<string, VectorRecord>> FetchAsync(
        IReadOnlyList<string> ids,
        bool includeVectors,
        bool includeDocuments,
        CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, VectorRecord>(StringComparer.Ordinal);
        foreach (var batch in SizedBatches.Cut(ids, static id => Uri.EscapeDataString(id).Length, FetchCount, FetchAddressLength))
        {
            using var answer = await client.FetchAsync(info.Host, batch, cancellationToken).ConfigureAwait(false);
            foreach (var property in answer.RootElement.GetProperty("vectors").EnumerateObject())
                found[property.Name] = PineconeMatches.Record(property.Name, property.Value, includeVectors, includeDocuments);
        }

        return found;
    }
}
