using Data.Conformance.VectorStores.PineconeStandIn;
using Data.Vector;
using Microsoft.Extensions.AI;

namespace Data.Conformance.VectorStores;

/// <summary>
/// The suite on the Pinecone store, as far as its contract goes: filters that it refuses to search by, it must refuse with the typed error.
/// </summary>
public sealed class PineconeStoreTests : VectorStoreConformance
{
    private StandIn? _server;

    protected override bool MayRefuseFilters => true;

    protected override bool KeepsGraphSettings => false;

    // An index for a probe would be charged.
    protected override string[] ProbeSteps => ["connect"];

    protected override async Task<IVectorStore> OpenAsync(IEmbeddingGenerator<string, Embedding<float>>? embedder)
    {
        _server = await StandIn.StartAsync();
        return new PineconeVectorStore(_server.NewClient(), new() { ApiKey = StandIn.Key, Endpoint = _server.Address }, embedder);
    }

    protected override ValueTask CloseAsync(IVectorStore store) => _server!.DisposeAsync();

    [Fact]
    public Task HybridSearch_Any_IsRefusedByName() => ShouldRefuseHybridSearchAsync("Pinecone");
}
