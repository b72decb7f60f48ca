using Data.Benchmarks.Vector;
using Data.Vector.Hnsw;

namespace Data.Vector.Tests.Hnsw;

/// <summary>Codes must not cost recall, whatever the data; where no codes fit, the graph must notice.</summary>
public sealed class HostileDataTests(ITestOutputHelper output)
{
    private const int Count = 8_000, Queries = 100, Dimension = 24, K = 10, EfSearch = 100;

    public static TheoryData<string> Kinds => [.. HostileData.Kinds.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Search_HostileData_RecallIsThatOfFloats(string kind)
    {
        var metric = Enum.Parse<DistanceMetric>(HostileData.Kinds[kind]);
        var data = new HostileData(kind, Count, Queries, Dimension);
        using var codes = GraphBuilder.Empty(data.Dimension, metric);
        using var floats = GraphBuilder.Empty(data.Dimension, metric, QuantizationMode.None);
        // In order: what comes later is what is hard. The two are built beside each other.
        Parallel.ForEach([codes, floats], index => Add(index, data));
        while (codes.Relinking > 0)
            await Task.Delay(10, TestContext.Current.CancellationToken);

        var expected = RecallMeter.Measure(floats, data.Queries, K, EfSearch);
        var found = RecallMeter.Measure(codes, data.Queries, K, EfSearch);
        output.WriteLine($"{kind} {metric}: {found:0.000} of {expected:0.000}; codes {codes.WalksCodes}, failed {codes.CodeFailures}");
        found.ShouldBeGreaterThanOrEqualTo(expected * 0.98);
    }

    [Theory]
    [InlineData("one-hot")]
    [InlineData("one-hot-angles")]
    public void Search_ManyTies_LosesNothingAmongThem(string kind)
    {
        // With links in the order of slots it is 0.14.
        var data = new HostileData(kind, 4_000, Queries, Dimension);
        using var index = GraphBuilder.Empty(data.Dimension, Enum.Parse<DistanceMetric>(HostileData.Kinds[kind]));
        Add(index, data);
        RecallMeter.Measure(index, data.Queries, K, EfSearch).ShouldBeGreaterThan(0.95);
    }

    private static void Add(HnswIndex index, HostileData data)
    {
        for (var i = 0; i < data.Rows.Length; i += data.Dimension)
            index.Add(data.Rows.AsSpan(i, data.Dimension));
    }
}
