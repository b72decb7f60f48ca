namespace Data.Vector.Tests.PgVector;

public sealed class PgVectorStoreTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Create_NamesLongerThanAnIdentifier_AreTablesOfTheirOwn()
    {
        var bench = await PgVectorBench.OpenAsync();
        var stem = new string('a', 400);
        var first = await bench.Store.CreateCollectionAsync(stem + ".b", new() { Dimensions = 2 }, Cancel);
        var second = await bench.Store.CreateCollectionAsync(stem + ".B", new() { Dimensions = 2 }, Cancel);

        await first.AddAsync([new VectorRecord("x", new float[] { 1, 0 })], Cancel);

        (await second.CountAsync(cancellationToken: Cancel)).ShouldBe(0);
        (await (await bench.Store.GetCollectionAsync(stem + ".b", Cancel)).CountAsync(cancellationToken: Cancel)).ShouldBe(1);
        (await bench.Store.ListCollectionsAsync(Cancel)).ShouldBe([stem + ".B", stem + ".b"]);
    }

    [Theory]
    [InlineData("we\"ird; DROP SCHEMA public; --")]
    [InlineData("Größe 'x' 日本.\\")]
    public async Task Create_HostileNames_AreTakenAsTheyAre(string schema)
    {
        var bench = await PgVectorBench.OpenAsync();
        bench.Options.Schema = schema[..Math.Min(schema.Length, 28)] + Random.Shared.Next(100_000);
        bench.Options.Partitions = 2;
        var shape = new VectorCollectionOptions { Dimensions = 2, TextIndex = VectorTextIndex.Always };
        var collection = await bench.Store.CreateCollectionAsync("Select.From-x", shape, Cancel);

        await collection.AddAsync([new VectorRecord("'; DROP TABLE x; --\"", new float[] { 1, 0 }) { Document = "$1 ' \\ %" }], Cancel);

        var match = (await collection.SearchAsync(new(new float[] { 1, 0 }), Cancel)).ShouldHaveSingleItem();
        match.Id.ShouldBe("'; DROP TABLE x; --\"");
        match.Document.ShouldBe("$1 ' \\ %");
        (await bench.Store.DeleteCollectionAsync("Select.From-x", Cancel)).ShouldBeTrue();
        (await bench.Store.ListCollectionsAsync(Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Create_OptionsThatTheExtensionLacks_AreRefusedByNameAndCreateNothing()
    {
        var bench = await PgVectorBench.OpenAsync();
        (VectorCollectionOptions Options, string Name)[] refused =
        [
            (new() { Dimensions = 16_001 }, "Dimensions"),
            (new() { Dimensions = 3, Hnsw = new() { M = 101, EfConstruction = 400 } }, "M is 101"),
            (new() { Dimensions = 3, Hnsw = new() { M = 20, EfConstruction = 39 } }, "EfConstruction"),
            (new() { Dimensions = 3, Hnsw = new() { EfConstruction = 1_001 } }, "EfConstruction"),
        ];
        foreach (var (options, name) in refused)
        {
            (await Should.ThrowAsync<VectorInputException>(() => bench.Store.CreateCollectionAsync("things", options, Cancel))).Message
                .ShouldContain(name);
        }

        (await bench.Store.ListCollectionsAsync(Cancel)).ShouldBeEmpty();
        var flat = new VectorCollectionOptions { Dimensions = 3, Index = VectorIndexKind.Flat, Hnsw = new() { M = 101 } };
        await bench.Store.CreateCollectionAsync("flat", flat, Cancel);
        await bench.Store.CreateCollectionAsync("edge", new() { Dimensions = 3, Hnsw = new() { M = 100, EfConstruction = 200 } }, Cancel);
    }

    [Fact]
    public async Task Create_SchemaMissingAndNotToBeCreated_SaysSo()
    {
        var bench = await PgVectorBench.OpenAsync();
        bench.Options.CreateSchema = false;

        (await Should.ThrowAsync<VectorStoreProtocolException>(
            () => bench.Store.CreateCollectionAsync("things", new() { Dimensions = 3 }, Cancel))).Message.ShouldContain("CreateSchema");

        await bench.ExecuteAsync($"CREATE SCHEMA \"{bench.Options.Schema}\"");
        await bench.Store.CreateCollectionAsync("things", new() { Dimensions = 3 }, Cancel);
    }

    [Fact]
    public async Task Create_TableOfThatNameOfAnother_IsRefusedAndLeftAlone()
    {
        var bench = await PgVectorBench.OpenAsync();
        await bench.ExecuteAsync($"CREATE SCHEMA \"{bench.Options.Schema}\"");
        await bench.ExecuteAsync($"CREATE TABLE {bench.Table("things")} AS SELECT 7 AS seven");

        var refused = await Should.ThrowAsync<VectorStoreProtocolException>(
            () => bench.Store.CreateCollectionAsync("things", new() { Dimensions = 3 }, Cancel));

        refused.Error.ShouldBe("42P07");
        (await bench.Store.ListCollectionsAsync(Cancel)).ShouldBeEmpty();
        (await bench.QueryAsync(new() { Text = $"SELECT seven FROM {bench.Table("things")}" })).ShouldBe(["7"]);
    }

    [Fact]
    public async Task GetOrCreate_OtherIndexOrTenantSetting_IsRefused()
    {
        var bench = await PgVectorBench.OpenAsync();
        await bench.Store.CreateCollectionAsync("things", new() { Dimensions = 3 }, Cancel);

        await Should.ThrowAsync<VectorCollectionMismatchException>(
            () => bench.Store.GetOrCreateCollectionAsync("things", new() { Dimensions = 3, Index = VectorIndexKind.Flat }, Cancel));
        bench.Options.TenantSetting = "app.tenant_id";
        (await Should.ThrowAsync<VectorCollectionMismatchException>(
            () => bench.Store.GetCollectionAsync("things", Cancel))).Message.ShouldContain("app.tenant_id");
    }

    [Fact]
    public async Task Call_CollectionThatWasDeleted_IsNotFound()
    {
        var bench = await PgVectorBench.OpenAsync();
        var collection = await bench.Store.CreateCollectionAsync("things", new() { Dimensions = 2 }, Cancel);
        await bench.ExecuteAsync($"DROP TABLE {bench.Table("things")}");
        var record = new VectorRecord("a", new float[] { 1, 0 });
        Func<Task>[] calls =
        [
            () => collection.AddAsync([record], Cancel),
            () => collection.UpsertAsync([record], Cancel),
            () => collection.UpdateAsync([new VectorRecordUpdate("a") { Document = "x" }], Cancel),
            () => collection.DeleteAsync(["a"], Cancel),
            () => collection.GetAsync(["a"], true, Cancel),
            () => collection.CountAsync(cancellationToken: Cancel),
            async () => await collection.SearchAsync(new(new float[] { 1, 0 }), Cancel),
        ];
        for (var i = 0; i < calls.Length; i++)
            (await Should.ThrowAsync<VectorCollectionNotFoundException>(calls[i], $"call {i}")).Message.ShouldContain("things");

        // It can be cleared away and created again.
        (await bench.Store.DeleteCollectionAsync("things", Cancel)).ShouldBeTrue();
        collection = await bench.Store.CreateCollectionAsync("things", new() { Dimensions = 2 }, Cancel);
        await collection.AddAsync([record], Cancel);
    }

    [Fact]
    public async Task Create_WithPartitions_SpreadsTheRecordsAndSearchesThemAll()
    {
        var bench = await PgVectorBench.OpenAsync();
        bench.Options.Partitions = 3;
        var collection = await bench.FillAsync(new() { Dimensions = 4, Metric = DistanceMetric.L2 }, 300);

        var tables = await bench.QueryAsync(new() { Text = $"SELECT DISTINCT tableoid::regclass::text FROM {bench.Table("things")}" });
        tables.Count.ShouldBe(3);
        await collection.UpsertAsync([new VectorRecord("r00007", new float[] { 9, 9, 9, 9 })], Cancel);
        (await collection.SearchAsync(new(new float[] { 9, 9, 9, 9 }) { Top = 1 }, Cancel))[0].Id.ShouldBe("r00007");
        (await collection.StreamAsync(cancellationToken: Cancel).CountAsync(Cancel)).ShouldBe(300);
    }

    [Fact]
    public void Create_OptionsOutOfRange_AreAllNamed()
    {
        using var source = Npgsql.NpgsqlDataSource.Create("Host=127.0.0.1;Port=1");
        var refused = Should.Throw<VectorInputException>(() => new PgVectorStore(source, new()
        {
            Schema = new string('ä', 32),
            Partitions = 1_025,
            TenantSetting = "app.x'; --",
            TextConfiguration = "",
            RequestTimeout = TimeSpan.Zero,
            MaxRetryAttempts = 11,
            RetryDelay = TimeSpan.Zero,
        }));

        string[] names =
            ["Schema", "Partitions", "TenantSetting", "TextConfiguration", "RequestTimeout", "MaxRetryAttempts", "RetryDelay"];
        foreach (var name in names)
            refused.Message.ShouldContain(name);
    }
}
