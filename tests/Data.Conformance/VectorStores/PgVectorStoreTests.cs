using Data.TestServers;
using Data.Vector;
using Microsoft.Extensions.AI;

namespace Data.Conformance.VectorStores;

public class PgVectorStoreTests : HybridStoreConformance
{
    // A probe record would need a table.
    protected override string[] ProbeSteps => ["connect"];

    protected override async Task<IVectorStore> OpenAsync(IEmbeddingGenerator<string, Embedding<float>>? embedder)
    {
        var server = await SharedServers.PgVectorAsync();

        // The tests take turns on one connection.
        return new PgVectorStore(server.DataSource, new() { RequestTimeout = TimeSpan.FromMinutes(5) }, embedder);
    }
}
