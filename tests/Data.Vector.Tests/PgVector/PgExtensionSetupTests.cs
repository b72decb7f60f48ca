namespace Data.Vector.Tests.PgVector;

/// <summary>The extension missing, or in another schema: on a server of its own, which the tests of others would miss it on.</summary>
public sealed class PgExtensionSetupTests : IAsyncLifetime
{
    private readonly PgRoles _roles = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _roles.InitializeAsync();

    public ValueTask DisposeAsync() => _roles.DisposeAsync();

    [Fact]
    public async Task Extension_MissingOrInAnotherSchema_IsToldOrFound()
    {
        await _roles.AsSuperuserAsync("DROP EXTENSION vector CASCADE");
        await using (var owner = _roles.As("owner"))
        {
            var store = new PgVectorStore(owner, new());
            (await Should.ThrowAsync<VectorStoreProtocolException>(
                () => store.CreateCollectionAsync("things", new() { Dimensions = 2 }, Cancel))).Message
                .ShouldContain("CREATE EXTENSION vector");
            (await store.ListCollectionsAsync(Cancel)).ShouldBeEmpty();
            var validation = await new PgVectorStore(owner, new() { CreateExtension = false }).ValidateAsync(Cancel);
            (validation.Succeeded, validation.FailedStep).ShouldBe((false, "connect"));
            validation.Reason.ShouldNotBeNull().ShouldContain("extension");
        }

        await _roles.AsSuperuserAsync("CREATE SCHEMA \"Ext\"", "CREATE EXTENSION vector SCHEMA \"Ext\"");
        foreach (var metric in Enum.GetValues<DistanceMetric>())
        {
            var collection = await new PgVectorStore(_roles.Server.DataSource, new())
                .CreateCollectionAsync($"things-{metric}", new() { Dimensions = 2_001, Metric = metric }, Cancel);
            await collection.AddAsync([new VectorRecord("a", PgVectorBench.Random(new Random(1), 2_001))], Cancel);
            (await collection.SearchAsync(new(PgVectorBench.Random(new Random(1), 2_001)), Cancel)).ShouldHaveSingleItem();
        }

        await _roles.AsSuperuserAsync("DROP EXTENSION vector CASCADE");
        (await Should.ThrowAsync<VectorStoreProtocolException>(
            () => new PgVectorStore(_roles.Server.DataSource, new()).GetCollectionAsync("things-L2", Cancel))).Message
            .ShouldContain("extension");
    }
}
