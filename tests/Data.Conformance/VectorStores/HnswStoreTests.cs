using Data.Vector;
using Microsoft.Extensions.AI;

namespace Data.Conformance.VectorStores;

public sealed class HnswStoreTests : HybridStoreConformance
{
    protected override VectorIndexKind Index => VectorIndexKind.Hnsw;

    protected override Task<IVectorStore> OpenAsync(IEmbeddingGenerator<string, Embedding<float>>? embedder) =>
        Task.FromResult<IVectorStore>(new EmbeddedVectorStore(new EmbeddedVectorStoreOptions(), embedder));
}
