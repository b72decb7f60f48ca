using Data.Vector.Collections;
using Data.Vector.PgVector;

namespace Data.Vector.Tests.PgVector;

public sealed class PgFilterTests
{
    private static readonly string[] Texts =
    [
        "", "a", "A", "z", "\uD7FE", "\uD7FF", "\uD7FFa", "\uD7FF\uD7FF", "\uE000", "\uFFFD", "🎈", "🎈a", "𐀀", "é", "e\u0301", "'", "\"",
        "\\", "%_", "{\"a\":1}", "null", "1", "true",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Filter_TextsOfAllKinds_MeansWhatItsDefinitionMeans()
    {
        var bench = await PgVectorBench.OpenAsync();
        var collection = await bench.Store.CreateCollectionAsync("things", new() { Dimensions = 1, Metric = DistanceMetric.L2 }, Cancel);
        var records = Texts.Select((text, i) => new VectorRecord($"r{i:00}", new float[] { i })
        {
            Document = text,
            Metadata = new() { ["k"] = text, ["l"] = new[] { text, "other" }, [text.Length == 0 ? "empty" : "key " + text] = i },
        }).Append(new VectorRecord("none", new float[] { 99 })).ToArray();
        await collection.AddAsync(records, Cancel);
        foreach (var text in Texts)
        {
            VectorFilter[] filters =
            [
                VectorFilter.Eq("k", text), VectorFilter.Ne("k", text), VectorFilter.Gt("k", text), VectorFilter.Gte("k", text),
                VectorFilter.Lt("k", text), VectorFilter.Lte("k", text), !VectorFilter.Lt("k", text), VectorFilter.In("k", text, "x"),
                VectorFilter.Contains("l", text), !VectorFilter.Contains("l", text), VectorFilter.Gte("key " + text, 0),
                .. text.Length == 0 ? [] : (VectorFilter[])
                [
                    VectorFilter.ContainsText("k", text), VectorFilter.DocumentContains(text), !VectorFilter.DocumentContains(text),
                ],
            ];
            foreach (var filter in filters)
            {
                var found = await collection.StreamAsync(new() { Filter = filter, IncludeVectors = false }, Cancel)
                    .Select(record => record.Id).ToListAsync(Cancel);
                string[] wanted = [.. records.Where(record => record.Matches(filter)).Select(record => record.Id)];
                found.Order(StringComparer.Ordinal).ToArray().ShouldBeEquivalentTo(
                    wanted.Order(StringComparer.Ordinal).ToArray(),
                    filter.ToString());
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Filter_TextThatNoRecordCanHold_MatchesNothingOrIsRefused(bool halfCharacter)
    {
        var text = halfCharacter ? "🎈"[..1] : "a\0b";
        var bench = await PgVectorBench.OpenAsync();
        var collection = await bench.Store.CreateCollectionAsync("things", new() { Dimensions = 1, Metric = DistanceMetric.L2 }, Cancel);
        var record = new VectorRecord("a", new float[] { 1 }) { Document = "🎈", Metadata = new() { ["k"] = "🎈", ["n"] = 1 } };
        await collection.AddAsync([record], Cancel);

        (await collection.CountAsync(VectorFilter.Eq("k", text), Cancel)).ShouldBe(0);
        (await collection.CountAsync(VectorFilter.Ne("k", text), Cancel)).ShouldBe(1);
        (await collection.CountAsync(VectorFilter.In("k", text, "🎈"), Cancel)).ShouldBe(1);
        (await collection.CountAsync(VectorFilter.In("k", text), Cancel)).ShouldBe(0);
        (await collection.CountAsync(!VectorFilter.Contains("k", text), Cancel)).ShouldBe(1);
        await RefusedAsync(VectorFilter.Gt("k", text));
        if (!halfCharacter)
            (await collection.CountAsync(VectorFilter.DocumentContains(text), Cancel)).ShouldBe(0);
        else
            await RefusedAsync(VectorFilter.DocumentContains(text));

        (await collection.GetAsync(["a", "a\0b"], true, Cancel)).Count.ShouldBe(1);
        (await collection.DeleteAsync(["a\0b"], Cancel)).ShouldBe(0);

        Task RefusedAsync(VectorFilter filter) =>
            Should.ThrowAsync<VectorFilterNotSupportedException>(() => collection.CountAsync(filter, Cancel));
    }

    [Fact]
    public async Task Filter_KeyThatNoRecordCanHold_MatchesNothing()
    {
        var bench = await PgVectorBench.OpenAsync();
        var collection = await bench.FillAsync(new() { Dimensions = 1, Metric = DistanceMetric.L2 }, 3);
        VectorFilter[] filters =
        [
            VectorFilter.Eq("n\0", 1), VectorFilter.Gt("n\0", 1), VectorFilter.Gt("n\0", "a"), VectorFilter.In("n\0", 1),
            VectorFilter.Contains("n\0", 1), VectorFilter.ContainsText("n\0", "a"),
        ];
        foreach (var filter in filters)
        {
            (await collection.CountAsync(filter, Cancel)).ShouldBe(0, filter.ToString());
            (await collection.CountAsync(!filter, Cancel)).ShouldBe(3, filter.ToString());
        }
    }

    [Fact]
    public async Task Filter_WholeWordsAmongOtherConditions_HoldsInEveryCall()
    {
        var bench = await PgVectorBench.OpenAsync();
        var collection = await bench.Store.CreateCollectionAsync("things", new() { Dimensions = 1, Metric = DistanceMetric.L2 }, Cancel);
        await collection.AddAsync(
            [.. Enumerable.Range(0, 1_200).Select(i => new VectorRecord($"r{i:0000}", new float[] { i })
            {
                Document = i % 3 == 0 ? "Café index" : "reindex",
                Metadata = new() { ["n"] = i },
            })],
            Cancel);
        var filter = VectorFilter.DocumentContainsWords("INDEX") & VectorFilter.Gte("n", 1_100) & VectorFilter.Lt("n", 1_106);
        string[] wanted = ["r1101", "r1104"];

        (await collection.SearchAsync(new(new float[] { 0 }) { Filter = filter }, Cancel)).Select(match => match.Id).ShouldBe(wanted);
        (await collection.SearchRangeAsync(new(new float[] { 0 }, 1e9f) { Filter = filter }, Cancel)).Select(match => match.Id)
            .ShouldBe(wanted);
        (await collection.HybridSearchAsync(new("cafe", new float[] { 0 }) { Filter = filter }, Cancel)).Select(match => match.Id)
            .ShouldBe(wanted);
        (await collection.CountAsync(!VectorFilter.DocumentContainsWords("cafe"), Cancel)).ShouldBe(800);
        (await collection.CountAsync(VectorFilter.DocumentContainsWords("cafe") | VectorFilter.Eq("n", 1), Cancel)).ShouldBe(401);
        (await collection.DeleteAsync(filter, Cancel)).ShouldBe(2);
        (await collection.DeleteAsync(filter, Cancel)).ShouldBe(0);
    }

    [Fact]
    public async Task Filter_OrderOfOneKind_LeavesOutTheOthers()
    {
        var bench = await PgVectorBench.OpenAsync();
        var collection = await bench.Store.CreateCollectionAsync("things", new() { Dimensions = 1, Metric = DistanceMetric.L2 }, Cancel);
        MetadataValue[] values = [5, "5", true, new[] { 5L }, new[] { "5" }, -1.5, "", "z"];
        VectorRecord[] records =
            [.. values.Select((value, i) => new VectorRecord($"r{i}", new float[] { i }) { Metadata = new() { ["k"] = value } })];
        await collection.AddAsync(records, Cancel);
        MetadataValue[] operands = [0, 5, 99.5, "", "5", "~"];
        foreach (var filter in operands.SelectMany(operand => (VectorFilter[])
            [
                VectorFilter.Gt("k", operand), VectorFilter.Gte("k", operand), VectorFilter.Lt("k", operand),
                VectorFilter.Lte("k", operand), VectorFilter.Eq("k", operand), VectorFilter.ContainsText("k", "5"),
                VectorFilter.Contains("k", operand),
            ]))
        {
            (await collection.CountAsync(filter, Cancel)).ShouldBe(records.Count(record => record.Matches(filter)), filter.ToString());
            (await collection.CountAsync(!filter, Cancel)).ShouldBe(records.Count(record => !record.Matches(filter)), filter.ToString());
        }
    }

    [Theory]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(5_000)]
    public async Task Filter_ManyValues_AcceptsEachOfThemByValue(int count)
    {
        var bench = await PgVectorBench.OpenAsync();
        var collection = await bench.FillAsync(new() { Dimensions = 1, Metric = DistanceMetric.L2 }, 100);
        MetadataValue[] values = [.. Enumerable.Range(0, count).Select(i => (MetadataValue)(i * 2.0))];

        (await collection.CountAsync(VectorFilter.In("n", values), Cancel)).ShouldBe(Math.Min(count, 50));
        (await collection.CountAsync(VectorFilter.NotIn("n", values), Cancel)).ShouldBe(100 - Math.Min(count, 50));
        (await collection.CountAsync(VectorFilter.In("tenth", [.. values, "t1", true]), Cancel)).ShouldBe(10);
    }

    [Fact]
    public async Task Filter_Equality_UsesTheIndexOverTheMetadata()
    {
        var bench = await PgVectorBench.OpenAsync();
        await bench.FillAsync(new() { Dimensions = 2, Metric = DistanceMetric.L2 }, 2_000);
        await bench.ExecuteAsync($"CREATE INDEX by_n ON {bench.Table("things")} ((metadata -> 'n'))");
        await bench.ExecuteAsync($"ANALYZE {bench.Table("things")}");
        var table = await bench.FindAsync("things");

        (await PlanAsync(VectorFilter.Eq("n", 7))).ShouldContain("things_metadata_idx");
        (await PlanAsync(VectorFilter.In("n", 7, 8))).ShouldContain("BitmapOr");
        (await PlanAsync(VectorFilter.Gte("n", 1_990))).ShouldContain("by_n");
        (await PlanAsync(VectorFilter.In("n", [.. Enumerable.Range(0, 40).Select(i => (MetadataValue)i)]))).ShouldContain("by_n");

        Task<string> PlanAsync(VectorFilter filter)
        {
            var statement = new PgStatement();
            statement.Text = $"SELECT id FROM {table.Quoted}{table.Where(PgFilter.Translate(filter, statement))}";
            statement.Set("enable_seqscan", "off");
            return bench.ExplainAsync(statement);
        }
    }
}
