using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Data.Vector.Chroma;

/// <summary>Reads the records of a collection on a Chroma server by filter and by id.</summary>
internal sealed class ChromaReader(ChromaCollectionInfo info, ChromaClient client)
{
    /// <summary>Returns the ids of the records that a filter accepts.</summary>
    public async Task<List<string>> MatchingIdsAsync(VectorFilter? filter, CancellationToken cancellationToken)
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
            if (translated.IsExact || found.Record(i).Matches(filter))
                ids.Add(found.Id(i));
        }

        return ids;
    }

    /// <summary>Reads records by id in batches of a size that the server takes.</summary>
    public async IAsyncEnumerable<VectorRecord> FetchAsync(
        IReadOnlyList<string> ids, ChromaQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var size = (await client.LimitsAsync(cancellationToken).ConfigureAwait(false)).MaxBatchSize;
        foreach (var batch in ids.Chunk(size))
        {
            using var answer = await client.GetAsync(info.Id, query with { Ids = batch }, cancellationToken).ConfigureAwait(false);
            var found = new ChromaAnswer(answer.RootElement);
            for (var i = 0; i < found.Count; i++)
                yield return found.Record(i);
        }
    }

    /// <summary>Returns those of the ids that exist, with the metadata keys that their records have on the server.</summary>
    public async Task<Dictionary<string, IReadOnlyList<string>>> KeysAsync(string[] ids, CancellationToken cancellationToken)
    {
        var existing = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        var size = (await client.LimitsAsync(cancellationToken).ConfigureAwait(false)).MaxBatchSize;
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
