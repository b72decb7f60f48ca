using Data.Vector.PgVector;

namespace Data.Vector.Tests.PgVector;

public sealed class PgMetadataTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Write_NumbersAndEmptyLists_ComeBackAsTheKindThatTheyWere()
    {
        var bench = await PgVectorBench.OpenAsync();
        var collection = await bench.Store.CreateCollectionAsync("things", new() { Dimensions = 1, Metric = DistanceMetric.L2 }, Cancel);
        var metadata = new VectorMetadata
        {
            ["1e15"] = 1e15,
            ["1e16"] = 1e16,
            ["max"] = double.MaxValue,
            ["least"] = double.Epsilon,
            ["-1e22"] = -1e22,
            ["third"] = 1.0 / 3,
            ["2^53"] = 9_007_199_254_740_992.0,
            ["long"] = long.MinValue,
            ["texts"] = Array.Empty<string>(),
            ["wholes"] = Array.Empty<long>(),
            ["numbers"] = Array.Empty<double>(),
            ["flags"] = Array.Empty<bool>(),
            ["list"] = new[] { 1.0, 1e20, 0.5 },
            ["\"quoted\" {key}"] = "🎈\u0001\u2028",
        };
        await collection.AddAsync([new VectorRecord("a", new float[] { 1 }) { Metadata = metadata }], Cancel);

        var read = (await collection.GetAsync(["a"], cancellationToken: Cancel))[0].Metadata!;

        read.Count.ShouldBe(metadata.Count);
        foreach (var (key, value) in metadata)
            read[key].ShouldBe(value, key);

        var near = VectorFilter.Gt("2^53", 9_007_199_254_740_991) & VectorFilter.Lt("2^53", 9_007_199_254_740_993);
        (await collection.CountAsync(near, Cancel)).ShouldBe(1);
        (await collection.CountAsync(VectorFilter.Eq("1e16", 10_000_000_000_000_000), Cancel)).ShouldBe(1);
    }

    [Fact]
    public void Decode_MetadataOfOtherPrograms_LeavesOutWhatIsNone()
    {
        var read = PgMetadata.Decode("""
            {"a": null, "b": {"c": 1}, "d": [1, 2.5], "e": [1, "x"], "f": [[1]], "g": "kept", "i": 123456789012345678901234,
             "j": [true, null], "__data.x": 1}
            """);

        read.Keys.Order(StringComparer.Ordinal).ShouldBe(["d", "g", "i"]);
        read["d"].AsDoubles().ToArray().ShouldBe([1, 2.5]);
        read["i"].AsDouble().ShouldBe(123456789012345678901234d);
        PgMetadata.Decode("[1]").ShouldBeEmpty();
    }
}
