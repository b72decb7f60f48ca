using Data.Vector;
using Microsoft.Extensions.AI;

namespace Data.Conformance.VectorStores;

public sealed class DurableHnswStoreTests : HybridStoreConformance
{
    private readonly string _folder = Directory.CreateTempSubdirectory("data-vector-").FullName;

    protected override Task<IVectorStore> OpenAsync(IEmbeddingGenerator<string, Embedding<float>>? embedder) =>
        Task.FromResult<IVectorStore>(new EmbeddedVectorStore(new EmbeddedVectorStoreOptions { Path = _folder }, embedder));

    protected override async ValueTask CloseAsync(IVectorStore store)
    {
        await base.CloseAsync(store);
        Directory.Delete(_folder, recursive: true);
    }
}
