using System.Text.Json.Nodes;
using Data.Conformance.VectorStores.PineconeStandIn;
using Data.Vector;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Conformance.VectorStores;

/// <summary>What is Pinecone's own: limits, refused filters, writes that are seen late, and answers that say no.</summary>
public sealed class PineconeContractTests : IAsyncLifetime
{
    private StandIn _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await StandIn.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Search_NegatedFilter_DoesNotDependOnWhatTheServerMakesOfMissingKeys(bool missingIsNotEqual)
    {
        _server.MissingIsNotEqual = missingIsNotEqual;
        var collection = await NewCollectionAsync();
        await collection.AddAsync(
            [
                new VectorRecord("x", Vector(1)) { Metadata = new() { ["k"] = "x", ["n"] = 1, ["tags"] = new[] { "a", "b" } } },
                new VectorRecord("y", Vector(2)) { Metadata = new() { ["k"] = "y", ["n"] = 2, ["flag"] = true } },
                new VectorRecord("none", Vector(3)),
            ], Cancel);
        (VectorFilter Filter, string[] Accepted)[] cases =
        [
            (VectorFilter.Ne("k", "x"), ["y", "none"]),
            (VectorFilter.NotIn("k", "x", 1, true), ["y", "none"]),
            (!(VectorFilter.Eq("k", "x") | VectorFilter.Eq("n", 2)), ["none"]),
            (!(VectorFilter.Eq("k", "x") & VectorFilter.Eq("n", 1)), ["y", "none"]),
            (!VectorFilter.Contains("tags", "a"), ["y", "none"]),
            (!!VectorFilter.Gt("n", 1), ["y"]),
            (VectorFilter.Ne("flag", true), ["x", "none"]),
            (VectorFilter.In("k"), []),
            (VectorFilter.NotIn("k"), ["x", "y", "none"]),
        ];
        foreach (var (filter, accepted) in cases)
        {
            (await collection.SearchAsync(new(Vector(0)) { Filter = filter }, Cancel)).Select(match => match.Id)
                .ShouldBe(accepted, filter.ToString());
        }
    }

    [Fact]
    public async Task Search_FilterBeyondTheContract_IsRefusedByNameAndNothingIsSent()
    {
        var collection = await NewCollectionAsync();
        await collection.AddAsync([new VectorRecord("a", Vector(1)) { Document = "some text", Metadata = new() { ["n"] = 5 } }], Cancel);
        var sent = _server.Requests.Count;
        VectorFilter[] beyond =
        [
            VectorFilter.DocumentContains("text"),
            !VectorFilter.DocumentContains("text"),
            VectorFilter.ContainsText("s", "x"),
            VectorFilter.Gt("s", "text"),
            !VectorFilter.Gt("n", 1),
            VectorFilter.Eq("n", long.MaxValue),
            VectorFilter.Gt("n", 9_007_199_254_740_992),
            VectorFilter.Eq("n", 1) & VectorFilter.DocumentContains("text"),
        ];
        foreach (var filter in beyond)
        {
            var refusal = await Should.ThrowAsync<VectorFilterNotSupportedException>(
                async () => await collection.SearchAsync(new(Vector(1)) { Filter = filter }, Cancel));
            refusal.Message.ShouldContain("Pinecone cannot filter by");
        }

        _server.Requests.Count.ShouldBe(sent);
        (await collection.CountAsync(VectorFilter.DocumentContains("text"), Cancel)).ShouldBe(1);
        (await collection.DeleteAsync(!VectorFilter.Gt("n", 9), Cancel)).ShouldBe(1);
    }

    [Fact]
    public async Task Write_SeenLateByTheServer_IsSeenByTheNextSearchAndCount()
    {
        var collection = await NewCollectionAsync();
        _server.IndexingDelay = TimeSpan.FromMilliseconds(150);

        await collection.AddAsync([new VectorRecord("a", Vector(1))], Cancel);
        (await collection.SearchAsync(new(Vector(1)), Cancel)).ShouldHaveSingleItem().Id.ShouldBe("a");
        (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(1);
        await collection.DeleteAsync(["a"], Cancel);
        (await collection.SearchAsync(new(Vector(1)), Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Write_WithoutWaiting_ReturnsBeforeItIsSeen()
    {
        var collection = await NewCollectionAsync(options => options.FreshnessTimeout = TimeSpan.Zero);
        _server.IndexingDelay = TimeSpan.FromMinutes(1);

        await collection.AddAsync([new VectorRecord("a", Vector(1))], Cancel);

        (await collection.SearchAsync(new(Vector(1)), Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Write_NotSeenInTime_SaysThatItWasTaken()
    {
        var collection = await NewCollectionAsync(options => options.FreshnessTimeout = TimeSpan.FromMilliseconds(200));
        _server.IndexingDelay = TimeSpan.FromMinutes(1);

        (await Should.ThrowAsync<VectorStoreUnavailableException>(() => collection.AddAsync([new VectorRecord("a", Vector(1))], Cancel)))
            .Message
            .ShouldContain("took the write");
    }

    [Fact]
    public async Task Add_TextAndMetadataTooLarge_IsRefusedWithIdAndPositionAndWritesNothing()
    {
        var collection = await NewCollectionAsync();

        var refusal = await Should.ThrowAsync<VectorInputException>(() =>
            collection.AddAsync(
                [new VectorRecord("small", Vector(1)), new VectorRecord("large", Vector(2)) { Document = new string('x', 41_000) }],
                Cancel));

        (refusal.RecordId, refusal.Position).ShouldBe(("large", 1));
        refusal = await Should.ThrowAsync<VectorInputException>(
            () => collection.AddAsync([new VectorRecord("zero", new float[4])], Cancel));
        refusal.RecordId.ShouldBe("zero");
        (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(0);
    }

    [Fact]
    public async Task Add_MoreBytesThanOneRequestTakes_IsSentInSeveral()
    {
        var collection = await NewCollectionAsync(dimensions: 1_536);
        var random = new Random(3);
        VectorRecord[] records = [.. Enumerable.Range(0, 300)
            .Select(i => new VectorRecord($"r{i}", Enumerable.Range(0, 1_536).Select(_ => random.NextSingle() * 1e-7f).ToArray()))];

        await collection.AddAsync(records, Cancel);

        _server.Requests.Count(request => request == "POST /vectors/upsert").ShouldBeGreaterThan(1);
        (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(300);
        (await collection.GetAsync(["r299"], cancellationToken: Cancel))[0].Vector.ToArray().ShouldBe(records[299].Vector.ToArray());
    }

    [Fact]
    public async Task Write_TooManyRequests_IsRepeatedBecauseNothingWasDone()
    {
        var collection = await NewCollectionAsync();
        var refusals = 2;
        _server.Instead = request => request.Path == "/vectors/upsert" && refusals-- > 0 ?
            Results.Json(new JsonObject { ["code"] = 8, ["message"] = "slow down" }, statusCode: 429) :
            null;

        await collection.UpsertAsync([new VectorRecord("a", Vector(1))], Cancel);

        (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(1);
    }

    [Fact]
    public async Task Write_ServerFailsAfterwards_IsToldAndNotRepeated()
    {
        var collection = await NewCollectionAsync();
        _server.Instead = request => request.Path == "/vectors/upsert" ? Results.StatusCode(503) : null;

        await Should.ThrowAsync<VectorStoreUnavailableException>(() => collection.UpsertAsync([new VectorRecord("a", Vector(1))], Cancel));

        _server.Requests.Count(request => request == "POST /vectors/upsert").ShouldBe(1);
    }

    [Fact]
    public async Task Call_WithWrongKey_IsRefusedWithoutShowingIt()
    {
        var store = NewStore(options => options.ApiKey = "s3cret");

        var refusal = await Should.ThrowAsync<VectorStoreProtocolException>(() => store.ListCollectionsAsync(Cancel));

        refusal.StatusCode.ShouldBe(401);
        refusal.ToString().ShouldNotContain("s3cret");
    }

    [Theory]
    [InlineData("Upper")]
    [InlineData("under_score")]
    [InlineData("a-name-that-is-longer-than-the-45-characters-of-an-index")]
    public async Task Create_NameThatIsNoIndexName_IsRefused(string name) =>
        (await Should.ThrowAsync<VectorInputException>(() => NewStore().CreateCollectionAsync(name, new() { Dimensions = 4 }, Cancel)))
            .Message
            .ShouldContain("index");

    [Fact]
    public async Task Namespaces_OfOneIndex_AreApart()
    {
        var collection = await NewCollectionAsync();
        await collection.AddAsync([new VectorRecord("a", Vector(1))], Cancel);

        var other = await NewStore(options => options.Namespace = "other").GetCollectionAsync(collection.Name, Cancel);

        (await other.CountAsync(cancellationToken: Cancel)).ShouldBe(0);
        (await other.SearchAsync(new(Vector(1)), Cancel)).ShouldBeEmpty();
        await other.AddAsync([new VectorRecord("a", Vector(2))], Cancel);
        (await collection.GetAsync(["a"], cancellationToken: Cancel))[0].Vector.ToArray().ShouldBe(Vector(1));
    }

    [Fact]
    public async Task HealthCheck_ServerIsAway_IsDegradedAndNamesTheStepAndNoAddress()
    {
        var store = NewStore(options => options.MaxRetryAttempts = 0);
        await _server.DisposeAsync();

        var health = await new VectorStoreHealthCheck(store).CheckHealthAsync(new HealthCheckContext(), Cancel);

        health.Status.ShouldBe(HealthStatus.Degraded);
        health.Description.ShouldBe("The probe failed at step 'connect'.");
    }

    private static float[] Vector(int i) => [1, i, 0, 0];

    private PineconeVectorStore NewStore(Action<PineconeVectorStoreOptions>? configure = null)
    {
        var options = new PineconeVectorStoreOptions
        {
            ApiKey = StandIn.Key,
            Endpoint = _server.Address,
            RetryDelay = TimeSpan.FromMilliseconds(5)
        };
        configure?.Invoke(options);
        return new PineconeVectorStore(_server.NewClient(), options);
    }

    private Task<IVectorCollection> NewCollectionAsync(Action<PineconeVectorStoreOptions>? configure = null, int dimensions = 4) =>
        NewStore(configure).CreateCollectionAsync(
            $"c-{Guid.NewGuid():N}",
            new() { Dimensions = dimensions, Metric = DistanceMetric.L2 },
            Cancel);
}
