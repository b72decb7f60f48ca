using Data.Vector;

namespace Data.Conformance.VectorStores;

/// <summary>What every vector store with hybrid search must do.</summary>
public abstract class HybridStoreConformance : VectorStoreConformance
{
    [Fact]
    public async Task HybridSearch_WordsAndVector_FuseTheRanksOfBothParts()
    {
        var collection = await NewCollectionAsync();
        collection.SupportsHybridSearch.ShouldBeTrue();
        await collection.UpsertAsync(
            [
                new VectorRecord("both", Unit(0)) { Document = "zebra zebra apple" },
                new VectorRecord("near", Unit(0, 1.1f)) { Document = "apple pear", Metadata = new() { ["kind"] = "fruit" } },
                new VectorRecord("words", Unit(1, 9)) { Document = "zebra among many others that are long" },
                new VectorRecord("neither", Unit(2, 20)) { Document = "pear" },
                new VectorRecord("silent", Unit(3, 30)),
            ],
            Cancel);

        var found = await collection.HybridSearchAsync(new("zebra", Unit(0)) { Top = 3, Candidates = 3 }, Cancel);

        found.Select(match => match.Id).ShouldBe(["both", "words", "near"]);
        found.Select(match => (match.VectorRank, match.TextRank)).ShouldBe([(1, 1), (3, 2), (2, null)]);
        foreach (var match in found)
        {
            match.Score.ShouldBe(Part(match.VectorRank) + Part(match.TextRank), 1e-9);
            (match.Distance is null).ShouldBe(match.VectorRank is null);
            (match.Similarity is null).ShouldBe(match.VectorRank is null);
            (match.TextScore is null).ShouldBe(match.TextRank is null);
            match.Vector.Length.ShouldBe(0);
        }

        found[0].Document.ShouldBe("zebra zebra apple");
        found[2].Metadata["kind"].AsString().ShouldBe("fruit");
        found[0].TextScore!.Value.ShouldBeGreaterThan(found[1].TextScore!.Value);

        static double Part(int? rank) => rank is { } place ? 1.0 / (60 + place) : 0;
    }

    [Fact]
    public async Task HybridSearch_Text_IsEmbeddedForTheVectorPart()
    {
        var collection = await NewCollectionAsync();
        await collection.UpsertAsync([new VectorRecord("a", "apple tree"), new VectorRecord("b", "stone bridge")], Cancel);
        var calls = Embedder.Calls;

        var found = await collection.HybridSearchAsync(new HybridSearchRequest("apple tree") { Top = 2 }, Cancel);
        (found[0].Id, found[0].VectorRank, found[0].TextRank).ShouldBe(("a", 1, 1));
        found[0].Distance!.Value.ShouldBe(0, 1e-6);

        var other = await collection.HybridSearchAsync(new HybridSearchRequest("apple", "stone bridge") { Top = 2 }, Cancel);
        other.Single(match => match.Id == "b").VectorRank.ShouldBe(1);
        other.Single(match => match.Id == "a").TextRank.ShouldBe(1);
        Embedder.Calls.ShouldBe(calls + 2);

        await collection.HybridSearchAsync(new HybridSearchRequest("apple") { Fusion = HybridFusion.Weighted(0) }, Cancel);
        Embedder.Calls.ShouldBe(calls + 2, "by words only");
    }

    [Fact]
    public async Task HybridSearch_UpdatesAndDeletes_AreFollowed()
    {
        var collection = await NewCollectionAsync();
        await collection.UpsertAsync(
            [.. Enumerable.Range(0, 6).Select(i => new VectorRecord($"r{i}", Unit(i)) { Document = $"common unit{i}" })],
            Cancel);
        (await WordsAsync("common")).ShouldBe(["r0", "r1", "r2", "r3", "r4", "r5"]);

        await collection.UpdateAsync([new VectorRecordUpdate("r1") { Document = "changed" }], Cancel);
        await collection.UpsertAsync([new VectorRecord("r2", Unit(7)) { Document = "moved unit2" }], Cancel);
        await collection.UpdateAsync([new VectorRecordUpdate("r3") { Metadata = new() { ["x"] = 1 } }], Cancel);
        await collection.DeleteAsync(["r4"], Cancel);

        (await WordsAsync("common")).ShouldBe(["r0", "r3", "r5"]);
        (await WordsAsync("unit1")).ShouldBeEmpty();
        (await WordsAsync("changed")).ShouldBe(["r1"]);
        (await WordsAsync("unit2")).ShouldBe(["r2"]);
        (await WordsAsync("unit4")).ShouldBeEmpty();

        async Task<string[]> WordsAsync(string text)
        {
            var found = await collection.HybridSearchAsync(
                new HybridSearchRequest(text, default(ReadOnlyMemory<float>)) { Fusion = HybridFusion.Weighted(0), Top = 10 }, Cancel);
            return [.. found.Select(match => match.Id).Order(StringComparer.Ordinal)];
        }
    }

    [Fact]
    public async Task HybridSearch_Filter_HoldsInBothParts()
    {
        var collection = await NewCollectionAsync();
        await collection.UpsertAsync(
            [
                .. Enumerable.Range(0, 8)
                    .Select(i => new VectorRecord($"r{i}", Unit(i)) { Document = "same words", Metadata = new() { ["n"] = i } }),
            ],
            Cancel);

        var found = await collection.HybridSearchAsync(new("words", Unit(1)) { Top = 10, Filter = VectorFilter.Gte("n", 5) }, Cancel);

        found.Select(match => match.Id).Order().ShouldBe(["r5", "r6", "r7"]);
        found.ShouldAllBe(match => match.VectorRank != null && match.TextRank != null);
    }

    [Fact]
    public async Task HybridSearch_MalformedRequest_IsRejected()
    {
        var collection = await NewCollectionAsync();
        HybridSearchRequest[] malformed =
        [
            new("", Unit(0)),
            new("a", Unit(0, dimensions: Dimensions + 1)),
            new("a", new float[] { float.NaN, 0, 0, 0, 0, 0, 0, 0 }),
            new("a", ""),
            new("a", Unit(0)) { Top = 0 },
            new("a", Unit(0)) { Skip = -1 },
            new("a", Unit(0)) { Skip = 99_999, Top = 2 },
            new("a", Unit(0)) { Candidates = 0 },
            new("a", Unit(0)) { Candidates = 10_001 },
            new("a", Unit(0)) { EfSearch = 0 },
            new("a", Unit(0)) { Fusion = null! },
        ];
        foreach (var request in malformed)
            await Should.ThrowAsync<VectorInputException>(() => collection.HybridSearchAsync(request, Cancel));

        await Should.ThrowAsync<ArgumentNullException>(() => collection.HybridSearchAsync(null!, Cancel));
    }
}
