using Data.TestServers;
using Data.Vector;
using Microsoft.Extensions.AI;

namespace Data.Conformance.VectorStores;

public sealed class ChromaStoreTests : VectorStoreConformance
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromMinutes(2) };

    protected override async Task<IVectorStore> OpenAsync(IEmbeddingGenerator<string, Embedding<float>>? embedder)
    {
        var server = await SharedServers.ChromaAsync();
        return new ChromaVectorStore(Http, new ChromaVectorStoreOptions { Endpoint = server.BaseAddress }, embedder);
    }

    [Fact]
    public Task HybridSearch_Any_IsRefusedByName() => ShouldRefuseHybridSearchAsync("Chroma");
}
