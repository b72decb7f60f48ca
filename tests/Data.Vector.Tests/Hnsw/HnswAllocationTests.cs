using Data.Benchmarks.Vector;
using Data.Vector.Indexing;
using Data.Vector.Tests.Telemetry;

namespace Data.Vector.Tests.Hnsw;

/// <summary>Runs while no test listens to the meter: a listener allocates on the searching thread.</summary>
[Collection(Measurements.Alone)]
public sealed class HnswAllocationTests
{
    private const int Rows = 4_000, Dimension = 32;

    [Theory]
    [InlineData(DistanceMetric.L2, QuantizationMode.Codes, 1)]
    [InlineData(DistanceMetric.Cosine, QuantizationMode.Codes, 1)]
    [InlineData(DistanceMetric.InnerProduct, QuantizationMode.None, 1)]
    [InlineData(DistanceMetric.L2, QuantizationMode.Codes, 0.5)]
    [InlineData(DistanceMetric.L2, QuantizationMode.Codes, 0.01)]
    public void Search_SecondTime_AllocatesNothing(DistanceMetric metric, QuantizationMode mode, double share)
    {
        var data = new VectorData("lat", Dimension, seed: 9);
        using var index = GraphBuilder.Build(data.Base(Rows), Dimension, metric, mode);
        var random = new Random(4);
        var words = new ulong[(Rows + 63) / 64];
        for (var slot = 0; slot < Rows; slot++)
        {
            if (random.NextDouble() < share)
                words[slot >> 6] |= 1ul << slot;
        }

        var filter = share < 1 ? new SlotFilter(words) : default;
        var query = data.Queries(1);
        var found = new Neighbor[10];
        index.Search(query, 100, found, filter).ShouldBe(10);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            index.Search(query, 100, found, filter);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }
}
