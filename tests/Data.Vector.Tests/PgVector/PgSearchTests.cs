using Data.Vector.Collections;
using Data.Vector.PgVector;

namespace Data.Vector.Tests.PgVector;

public sealed class PgSearchTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DistanceMetric.Cosine, 16, "embedding <=>")]
    [InlineData(DistanceMetric.L2, 16, "embedding <->")]
    [InlineData(DistanceMetric.InnerProduct, 16, "embedding <#>")]
    [InlineData(DistanceMetric.Cosine, 2_001, "halfvec")]
    public async Task Search_AnyMetric_UsesTheIndex(DistanceMetric metric, int dimensions, string part)
    {
        var bench = await PgVectorBench.OpenAsync();
        await bench.FillAsync(new() { Dimensions = dimensions, Metric = metric }, dimensions > 100 ? 40 : 400);
        var search = new PgSearch(await bench.FindAsync("things"), bench.Database);
        var plan = new SearchPlan { Vector = PgVectorBench.Random(new Random(1), dimensions), Top = 10 };

        var statement = search.Statement(plan, byIndex: true);
        statement.Set("enable_seqscan", "off");
        statement.Set("enable_sort", "off");
        var explained = await bench.ExplainAsync(statement);

        explained.ShouldContain("Index Scan using things_embedding");
        explained.ShouldContain(part);
        (await bench.ExplainAsync(search.Statement(plan, byIndex: false))).ShouldNotContain("things_embedding");
    }

    [Fact]
    public async Task Search_SelectiveFilter_IsAnsweredByTheIndexGoingOn()
    {
        var bench = await PgVectorBench.OpenAsync();
        await bench.FillAsync(new() { Dimensions = 8, Metric = DistanceMetric.L2, Hnsw = new() { EfSearch = 10 } }, 2_000);
        var search = new PgSearch(await bench.FindAsync("things"), bench.Database);
        var plan = new SearchPlan
        {
            Vector = PgVectorBench.Random(new Random(2), 8),
            Top = 10,
            Filter = VectorFilter.Gte("n", 1_900) & VectorFilter.Lt("n", 1_960),
        };

        var statement = search.Statement(plan, byIndex: true);
        statement.Set("enable_seqscan", "off");
        statement.Set("enable_bitmapscan", "off");

        // Of the 10 nearest candidates none in three passes: one scan would end with none or one.
        (await bench.QueryAsync(statement)).Count.ShouldBe(10);
        statement = search.Statement(plan, byIndex: true);
        statement.Set("enable_seqscan", "off");
        statement.Set("enable_bitmapscan", "off");
        (await bench.ExplainAsync(statement)).ShouldContain("Index Scan using things_embedding");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(300)]
    public async Task Search_FilterThatFewPass_FindsThemAllExactly(int efSearch)
    {
        var bench = await PgVectorBench.OpenAsync();
        var shape = new VectorCollectionOptions { Dimensions = 8, Metric = DistanceMetric.L2, Hnsw = new() { EfSearch = efSearch } };
        var collection = await bench.FillAsync(shape, 2_000);
        var query = PgVectorBench.Random(new Random(3), 8);
        var filter = VectorFilter.In("n", 3, 700, 1_500, 1_999);

        var found = await collection.SearchAsync(new(query) { Top = 4, Filter = filter }, Cancel);

        found.Select(match => match.Id).Order(StringComparer.Ordinal).ShouldBe(["r00003", "r00700", "r01500", "r01999"]);
        (await collection.SearchAsync(new(query) { Top = 100, Filter = filter }, Cancel)).Select(match => match.Id)
            .ShouldBe(found.Select(match => match.Id));
    }

    [Fact]
    public async Task Search_EfSearch_EndsWithItsTransactionAndIsRaisedToTop()
    {
        var bench = await PgVectorBench.OpenAsync();
        var collection = await bench.FillAsync(new() { Dimensions = 4, Metric = DistanceMetric.L2 }, 50);
        var search = new PgSearch(await bench.FindAsync("things"), bench.Database);
        var plan = new SearchPlan { Vector = new float[] { 1, 2, 3, 4 }, Top = 10, EfSearch = 321 };
        var statement = search.Statement(plan, byIndex: true);
        statement.Text = "SELECT current_setting('hnsw.ef_search'), current_setting('hnsw.iterative_scan')";

        (await bench.QueryAsync(statement)).ShouldBe(["321"]);
        await collection.SearchAsync(new(new float[] { 1, 2, 3, 4 }) { EfSearch = 321 }, Cancel);
        (await bench.QueryAsync(new() { Text = "SELECT current_setting('hnsw.ef_search')" })).ShouldBe(["40"]);

        Ef(plan with { EfSearch = null }).ShouldBe("100");
        Ef(plan with { EfSearch = 5 }).ShouldBe("10");
        Ef(plan with { EfSearch = 10_000 }).ShouldBe("1000");
        Ef(plan with { EfSearch = null, Top = 100_000 }).ShouldBe("1000");

        string Ef(SearchPlan other) =>
            search.Statement(other, byIndex: true).Settings.First(setting => setting.Key == "hnsw.ef_search").Value;
    }

    [Fact]
    public async Task Search_MoreThanOneScanOfTheIndexReturns_FindsThemAll()
    {
        var bench = await PgVectorBench.OpenAsync();
        var collection = await bench.FillAsync(new() { Dimensions = 4, Metric = DistanceMetric.L2 }, 1_300);

        (await collection.SearchAsync(new(new float[] { 0, 0, 0, 0.1f }) { Top = 1_250 }, Cancel)).Count.ShouldBe(1_250);
        (await collection.SearchAsync(new(new float[] { 0, 0, 0, 0.1f }) { Top = 2_000 }, Cancel)).Count.ShouldBe(1_300);
        (await collection.SearchRangeAsync(new(new float[] { 0, 0, 0, 0.1f }, 100), Cancel)).Count.ShouldBe(1_300);
        (await collection.SearchRangeAsync(new(new float[] { 0, 0, 0, 0.1f }, 100) { Limit = 150 }, Cancel)).Count.ShouldBe(150);
    }

    [Fact]
    public async Task Search_HalfPrecisionIndex_RanksByTheExactVectors()
    {
        const int Dimensions = 2_500;
        var bench = await PgVectorBench.OpenAsync();
        var shape = new VectorCollectionOptions { Dimensions = Dimensions, Metric = DistanceMetric.L2 };
        var collection = await bench.Store.CreateCollectionAsync("things", shape, Cancel);

        // Steps that halves cannot tell apart: 1 and 1.0001 are the same number there.
        await collection.AddAsync(
            [.. Enumerable.Range(0, 40).Select(i => new VectorRecord($"r{i:00}", At(1 + (((i * 7) % 40) * 1e-5f))))],
            Cancel);

        var found = await collection.SearchAsync(new(At(1)) { Top = 20 }, Cancel);

        found.Select(match => match.Distance).ShouldBeInOrder();
        found[0].Id.ShouldBe("r00");
        found[1].Distance.ShouldBe((1e-5f + 9e-8f) * (1e-5f + 9e-8f), 1e-11f);

        static float[] At(float first)
        {
            var vector = new float[Dimensions];
            vector[0] = first;
            vector[^1] = 2;
            return vector;
        }
    }

    [Fact]
    public async Task Write_ValueBeyondHalfPrecision_IsRefusedWhereTheIndexHoldsHalves()
    {
        var bench = await PgVectorBench.OpenAsync();
        var half = await bench.Store.CreateCollectionAsync("half", new() { Dimensions = 2_001, Metric = DistanceMetric.L2 }, Cancel);
        var flat = await bench.Store.CreateCollectionAsync("none", new() { Dimensions = 4_001, Metric = DistanceMetric.L2 }, Cancel);
        var large = new float[2_001];
        large[5] = -70_000;
        var good = new VectorRecord("good", new float[2_001]);

        var refused = await Should.ThrowAsync<VectorInputException>(
            () => half.UpsertAsync([good, new VectorRecord("large", large)], Cancel));

        (refused.RecordId, refused.Position).ShouldBe(("large", 1));
        await half.AddAsync([good], Cancel);
        await Should.ThrowAsync<VectorInputException>(() => half.UpdateAsync([new VectorRecordUpdate("good") { Vector = large }], Cancel));
        (await half.SearchAsync(new(large), Cancel)).ShouldHaveSingleItem().Distance.ShouldBe(4.9e9f);

        var huge = new float[4_001];
        huge[5] = 70_000;
        await flat.AddAsync([new VectorRecord("large", huge)], Cancel);
        (await flat.SearchAsync(new(new float[4_001]), Cancel)).ShouldHaveSingleItem().Distance.ShouldBe(4.9e9f);
    }
}
