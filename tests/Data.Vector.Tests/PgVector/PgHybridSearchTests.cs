using Data.Vector.Collections;
using Data.Vector.PgVector;

namespace Data.Vector.Tests.PgVector;

public sealed class PgHybridSearchTests
{
    private static readonly (string Id, string? Document, float[] Vector)[] Records =
    [
        ("apple", "An apple and a pear", [1, 0]),
        ("apples", "apple, APPLE: apple!", [0.9f, 0.1f]),
        ("pear", "A pear", [0, 1]),
        ("long", "apple " + "word " + "and so on and so on and so on and so on and so on and so on", [0.5f, 0.5f]),
        ("none", null, [0.2f, 0.8f]),
        ("hostile", "it's 100% 'quoted' & | ! ( <-> \\ :* text", [-1, 0]),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(VectorTextIndex.Always)]
    [InlineData(VectorTextIndex.OnDemand)]
    public async Task HybridSearch_Words_RanksTextsThatHaveAnyOfThem(VectorTextIndex index)
    {
        var collection = await FillAsync(await PgVectorBench.OpenAsync(), index);
        collection.SupportsHybridSearch.ShouldBeTrue();

        var found = await WordsAsync(collection, "Apple Pear");
        found.Select(match => match.Id).Order(StringComparer.Ordinal).ShouldBe(["apple", "apples", "long", "pear"]);
        found.Select(match => match.TextRank).ShouldBe([1, 2, 3, 4]);
        found.Select(match => -match.TextScore!.Value).ShouldBeInOrder();
        found.ShouldAllBe(match => match.VectorRank == null && match.Distance == null);
        found[^1].Id.ShouldBe("long");
        (await WordsAsync(collection, "QUOTED")).ShouldHaveSingleItem().Document.ShouldBe(Records[5].Document);
    }

    [Theory]
    [InlineData("& | ! ( <-> \\ :*")]
    [InlineData("'; DROP TABLE x; --")]
    [InlineData("\"' \\' \0")]
    [InlineData("")]
    public async Task HybridSearch_HostileText_IsTakenForWords(string text)
    {
        var collection = await FillAsync(await PgVectorBench.OpenAsync(), VectorTextIndex.Always);

        (await WordsAsync(collection, "🎈"[..1] + text + " ???")).ShouldBeEmpty();
        (await WordsAsync(collection, text + " pear")).Count.ShouldBe(2);
    }

    [Fact]
    public async Task HybridSearch_BothParts_FusesTheirRanksUnderTheFilter()
    {
        var collection = await FillAsync(await PgVectorBench.OpenAsync(), VectorTextIndex.Always);
        var filter = VectorFilter.Ne("id", "apples");

        var found = await collection.HybridSearchAsync(
            new("pear", new float[] { 1, 0 }) { Top = 10, Filter = filter, IncludeVectors = true, IncludeDocuments = false },
            Cancel);

        found.Select(match => match.Id).Order(StringComparer.Ordinal).ShouldBe(["apple", "hostile", "long", "none", "pear"]);
        var best = found[0];
        (best.Id, best.VectorRank, best.Document, best.Distance).ShouldBe(("apple", 1, null, 0f));
        best.Score.ShouldBe((1 / 61.0) + (1.0 / (60 + best.TextRank!.Value)), 1e-12);
        best.Vector.ToArray().ShouldBe([1, 0]);
        found.Single(match => match.Id == "none").TextRank.ShouldBeNull();
        found.Single(match => match.Id == "none").Vector.ToArray().ShouldBe([0.2f, 0.8f]);
        (await collection.HybridSearchAsync(new("pear", new float[] { 1, 0 }) { Top = 2, Skip = 1, Filter = filter }, Cancel))
            .Select(match => match.Id).ShouldBe(found.Skip(1).Take(2).Select(match => match.Id));
        (await collection.HybridSearchAsync(
            new("pear", new float[] { 1, 0 }) { Fusion = HybridFusion.Weighted(1), Top = 2, Filter = filter },
            Cancel)).Select(match => match.Id).ShouldBe(["apple", "long"]);
    }

    [Fact]
    public async Task HybridSearch_TextIndexAlways_UsesTheIndexAndFollowsWrites()
    {
        var bench = await PgVectorBench.OpenAsync();
        bench.Options.TextConfiguration = "english";
        var collection = await FillAsync(bench, VectorTextIndex.Always);
        bench.Options.TextConfiguration = "simple";
        var reopened = await bench.Store.GetCollectionAsync("things", Cancel);

        (await WordsAsync(reopened, "apples")).Count.ShouldBe(3);
        await collection.UpdateAsync([new VectorRecordUpdate("pear") { Document = "apples" }], Cancel);
        await collection.DeleteAsync(["long"], Cancel);
        (await WordsAsync(reopened, "apple")).Select(match => match.Id).Order(StringComparer.Ordinal).ShouldBe(["apple", "apples", "pear"]);

        var table = await bench.FindAsync("things");
        var statement = new PgTextSearch(table, bench.Database).Statement(
            new HybridPlan { Text = "apple", Vector = default, Fusion = HybridFusion.Weighted(0), Candidates = 5, Top = 5 });
        statement.Set("enable_seqscan", "off");
        (await bench.ExplainAsync(statement)).ShouldContain("things_to_tsvector_idx");
    }

    [Fact]
    public async Task HybridSearch_TextIndexNone_IsRefusedWithAnAlternative()
    {
        var collection = await FillAsync(await PgVectorBench.OpenAsync(), VectorTextIndex.None);

        collection.SupportsHybridSearch.ShouldBeFalse();
        (await Should.ThrowAsync<HybridSearchNotSupportedException>(() => WordsAsync(collection, "apple"))).Message
            .ShouldContain("VectorTextIndex.Always");
    }

    private static Task<IReadOnlyList<HybridMatch>> WordsAsync(IVectorCollection collection, string text) =>
        collection.HybridSearchAsync(new(text, default(ReadOnlyMemory<float>)) { Fusion = HybridFusion.Weighted(0), Top = 10 }, Cancel);

    private static async Task<IVectorCollection> FillAsync(PgVectorBench bench, VectorTextIndex index)
    {
        var collection = await bench.Store.CreateCollectionAsync(
            "things",
            new() { Dimensions = 2, Metric = DistanceMetric.L2, TextIndex = index },
            Cancel);
        await collection.AddAsync(
            [
                .. Records.Select(record => new VectorRecord(record.Id, record.Vector)
                {
                    Document = record.Document,
                    Metadata = new() { ["id"] = record.Id },
                }),
            ],
            Cancel);
        return collection;
    }
}
