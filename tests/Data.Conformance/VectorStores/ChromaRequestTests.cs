using System.Collections.Concurrent;
using System.Text.Json;
using Data.TestServers;
using Data.Vector;

namespace Data.Conformance.VectorStores;

/// <summary>What is sent to Chroma, and what the server makes of it.</summary>
public sealed class ChromaRequestTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Create_HnswOptions_AreTheServersConfigurationAndReadBack()
    {
        var server = await SharedServers.ChromaAsync();
        using var http = new HttpClient();
        var name = $"options-{Guid.NewGuid():N}";
        var hnsw = new HnswOptions { M = 24, EfConstruction = 150, EfSearch = 77 };
        await new ChromaVectorStore(http, new() { Endpoint = server.BaseAddress })
            .CreateCollectionAsync(name, new() { Dimensions = 2, Metric = DistanceMetric.InnerProduct, Hnsw = hnsw }, Cancel);

        var path = new Uri(server.BaseAddress, $"/api/v2/tenants/default_tenant/databases/default_database/collections/{name}");
        using var answer = JsonDocument.Parse(await http.GetStringAsync(path, Cancel));
        var configured = answer.RootElement.GetProperty("configuration_json").GetProperty("hnsw");
        configured.GetProperty("space").GetString().ShouldBe("ip");
        configured.GetProperty("max_neighbors").GetInt32().ShouldBe(24);
        configured.GetProperty("ef_construction").GetInt32().ShouldBe(150);
        configured.GetProperty("ef_search").GetInt32().ShouldBe(77);

        var options = (await new ChromaVectorStore(http, new() { Endpoint = server.BaseAddress }).GetCollectionAsync(name, Cancel)).Options;
        (options.Dimensions, options.Metric).ShouldBe((2, DistanceMetric.InnerProduct));
        (options.Hnsw.M, options.Hnsw.EfConstruction, options.Hnsw.EfSearch).ShouldBe((24, 150, 77));
    }

    [Fact]
    public async Task Add_MoreThanTheServersBatch_IsSplitAndSentAsBase64()
    {
        const int more = 10;
        var server = await SharedServers.ChromaAsync();
        using var recorder = new Recorder();
        using var http = new HttpClient(recorder);
        using var checks = JsonDocument.Parse(await http.GetStringAsync(new Uri(server.BaseAddress, "/api/v2/pre-flight-checks"), Cancel));
        var batch = checks.RootElement.GetProperty("max_batch_size").GetInt32();
        var collection = await new ChromaVectorStore(http, new() { Endpoint = server.BaseAddress })
            .CreateCollectionAsync($"batches-{Guid.NewGuid():N}", new() { Dimensions = 2, Metric = DistanceMetric.L2 }, Cancel);

        await collection.AddAsync(
            [.. Enumerable.Range(0, batch + more).Select(i => new VectorRecord($"r{i}", new float[] { i, 0.1f }))],
            Cancel);

        (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(batch + more);
        recorder.Added.Select(body => body.GetProperty("ids").GetArrayLength()).Order().ShouldBe([more, batch]);
        foreach (var body in recorder.Added)
        {
            body.GetProperty("embeddings").EnumerateArray()
                .ShouldAllBe(vector => vector.ValueKind == JsonValueKind.String && vector.GetBytesFromBase64().Length == 2 * sizeof(float));
        }

        var read = (await collection.GetAsync([$"r{batch + more - 1}"], cancellationToken: Cancel)).ShouldHaveSingleItem();
        read.Vector.ToArray().ShouldBe([batch + more - 1, 0.1f]);
    }

    private sealed class Recorder() : DelegatingHandler(new SocketsHttpHandler())
    {
        public ConcurrentQueue<JsonElement> Added { get; } = new();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.AbsolutePath.EndsWith("/add", StringComparison.Ordinal))
            {
                await request.Content!.LoadIntoBufferAsync(cancellationToken);
                Added.Enqueue(JsonSerializer.Deserialize<JsonElement>(await request.Content.ReadAsByteArrayAsync(cancellationToken)));
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }
}
