using System.Diagnostics;
using System.Text.Json;
using Data.TestServers;
using Data.Vector;

namespace Data.Conformance.VectorStores;

/// <summary>What this library writes, Chroma's own JavaScript client reads, and the other way round.</summary>
public sealed class ChromaInteropTests
{
    private const string Script = """
        const { ChromaClient } = require('chromadb');
        (async () => {
          const url = new URL(process.argv[1]);
          const client = new ChromaClient({ host: url.hostname, port: Number(url.port), ssl: false });
          const embeddingFunction = { name: 'none', generate: async () => [] };
          const collection = await client.getCollection({ name: process.argv[2], embeddingFunction });
          const read = await collection.get({ ids: ['net'], include: ['embeddings', 'documents', 'metadatas'] });
          await collection.add({
            ids: ['js'], embeddings: [[0.25, -0.5, 4]], documents: ['from JavaScript'],
            metadatas: [{ year: 2025, share: 0.5, open: true, name: 'ü' }] });
          console.log(JSON.stringify({
            embedding: Array.from(read.embeddings[0]), document: read.documents[0], metadata: read.metadatas[0] }));
        })().catch(error => { console.error(error); process.exit(1); });
        """;

    private const string MakingScript = """
        const { ChromaClient } = require('chromadb');
        (async () => {
          const url = new URL(process.argv[1]);
          const client = new ChromaClient({ host: url.hostname, port: Number(url.port), ssl: false });
          const collection = await client.createCollection({
            name: process.argv[2], embeddingFunction: { name: 'none', generate: async () => [] },
            configuration: { hnsw: { space: 'cosine', ef_construction: 123, max_neighbors: 20, ef_search: 77 } } });
          await collection.add({
            ids: ['a', 'b'], embeddings: [[1, 0, 0], [0, 2, 0]], documents: ['first', 'second'], metadatas: [{ n: 1 }, { n: 2 }] });
        })().catch(error => { console.error(error); process.exit(1); });
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Records_WrittenHere_AreReadByTheJavaScriptClientAndBack()
    {
        var server = await SharedServers.ChromaAsync();
        using var http = new HttpClient();
        var store = new ChromaVectorStore(http, new() { Endpoint = server.BaseAddress });
        var collection = await store.CreateCollectionAsync(
            $"interop-{Guid.NewGuid():N}",
            new() { Dimensions = 3, Metric = DistanceMetric.L2 },
            Cancel);
        await collection.AddAsync([new VectorRecord("net", new float[] { 1.5f, -2, 0.125f }) {
            Document = "from .NET",
            Metadata = new() { ["year"] = 2024, ["share"] = 0.25, ["open"] = false, ["name"] = "é" } }], Cancel);

        using var answer = JsonDocument.Parse(await RunNodeAsync(Script, server.BaseAddress.AbsoluteUri, collection.Name));

        answer.RootElement.GetProperty("embedding").EnumerateArray().Select(value => value.GetSingle()).ShouldBe([1.5f, -2, 0.125f]);
        answer.RootElement.GetProperty("document").GetString().ShouldBe("from .NET");
        var metadata = answer.RootElement.GetProperty("metadata");
        metadata.GetProperty("year").GetInt64().ShouldBe(2024);
        metadata.GetProperty("share").GetDouble().ShouldBe(0.25);
        metadata.GetProperty("open").GetBoolean().ShouldBeFalse();
        metadata.GetProperty("name").GetString().ShouldBe("é");

        var read = (await collection.GetAsync(["js"], cancellationToken: Cancel)).ShouldHaveSingleItem();
        read.Vector.ToArray().ShouldBe([0.25f, -0.5f, 4]);
        read.Document.ShouldBe("from JavaScript");
        read.Metadata!["year"].AsInt64().ShouldBe(2025);
        read.Metadata!["share"].AsDouble().ShouldBe(0.5);
        read.Metadata!["open"].AsBoolean().ShouldBeTrue();
        read.Metadata!["name"].AsString().ShouldBe("ü");
        (await collection.CountAsync(VectorFilter.Eq("name", "ü") & VectorFilter.Gt("year", 2024), Cancel)).ShouldBe(1);
    }

    [Fact]
    public async Task Collection_MadeByTheJavaScriptClient_IsReadWithItsConfiguration()
    {
        var server = await SharedServers.ChromaAsync();
        var name = $"interop-{Guid.NewGuid():N}";
        await RunNodeAsync(MakingScript, server.BaseAddress.AbsoluteUri, name);

        using var http = new HttpClient();
        var store = new ChromaVectorStore(http, new() { Endpoint = server.BaseAddress });
        var collection = await store.GetCollectionAsync(name, Cancel);
        (collection.Options.Dimensions, collection.Options.Metric).ShouldBe((3, DistanceMetric.Cosine));
        (collection.Options.Hnsw.M, collection.Options.Hnsw.EfConstruction, collection.Options.Hnsw.EfSearch).ShouldBe((20, 123, 77));
        var found = await collection.SearchAsync(
            new(new float[] { 0.1f, 1, 0 }) { Top = 2, Threshold = VectorSearchRequest.NoThreshold },
            Cancel);
        found.Select(match => match.Id).ShouldBe(["b", "a"]);
        found[0].Document.ShouldBe("second");
        (await collection.CountAsync(VectorFilter.Eq("n", 1), Cancel)).ShouldBe(1);
    }

    private static async Task<string> RunNodeAsync(string script, params string[] arguments)
    {
        var home = Environment.GetEnvironmentVariable("DATA_CHROMA_HOME") is { Length: > 0 } chosen
            ? chosen
            : Path.Combine(
                Environment.GetEnvironmentVariable("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetEnvironmentVariable("HOME")!, ".cache"),
                "data-libraries",
                "chroma-1.0.5");
        var start = new ProcessStartInfo("node")
        {
            WorkingDirectory = home,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false
        };
        foreach (var argument in (string[])["-e", script, .. arguments])
            start.ArgumentList.Add(argument);

        using var node = Process.Start(start)!;
        var errors = node.StandardError.ReadToEndAsync(Cancel);
        var output = await node.StandardOutput.ReadToEndAsync(Cancel);
        await node.WaitForExitAsync(Cancel);
        node.ExitCode.ShouldBe(0, await errors);
        return output;
    }
}
