using System.Security.Cryptography;
using System.Text;
using Data.Vector;

namespace ConfigurationService.Documents;

/// <summary>
/// Documents for similarity search. Each tenant has a collection of its own, and administrators one together, so no search can reach
/// across.
/// </summary>
internal sealed class DocumentStore(IVectorStore store)
{
    private static readonly VectorCollectionOptions Options = new()
    {
        Dimensions = HashedNgramGenerator.Dimensions,
        Metric = DistanceMetric.Cosine
    };

    public async Task WriteAsync(string? tenant, IReadOnlyList<VectorRecord> records, CancellationToken cancellationToken)
    {
        var collection = await CollectionAsync(tenant, cancellationToken);
        await collection.UpsertAsync(records, cancellationToken);
    }

    public async Task<IReadOnlyList<VectorMatch>> SearchAsync(
        string? tenant,
        VectorSearchRequest request,
        CancellationToken cancellationToken)
    {
        var collection = await CollectionAsync(tenant, cancellationToken);
        return await collection.SearchAsync(request, cancellationToken);
    }

    public async Task<bool> DeleteAsync(string? tenant, string id, CancellationToken cancellationToken)
    {
        var collection = await CollectionAsync(tenant, cancellationToken);
        return await collection.DeleteAsync([id], cancellationToken) > 0;
    }

    // Hashed, because a collection's name allows less than a tenant's.
    private async Task<IVectorCollection> CollectionAsync(
        string? tenant,
        CancellationToken cancellationToken) => await store.GetOrCreateCollectionAsync(
        tenant is null ?
            "administrators" :
            $"tenant-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(tenant)))}", Options, cancellationToken);
}
