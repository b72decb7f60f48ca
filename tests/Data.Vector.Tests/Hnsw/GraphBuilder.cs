using Data.Vector.Hnsw;
using Data.Vector.Indexing;

namespace Data.Vector.Tests.Hnsw;

internal static class GraphBuilder
{
    public static HnswIndex Build(float[] rows, int dimension, DistanceMetric metric, QuantizationMode mode = QuantizationMode.Codes)
    {
        var index = Empty(dimension, metric, mode);
        index.AddRange(rows, new int[rows.Length / dimension], parallelism: 2);
        return index;
    }

    public static HnswIndex Empty(int dimension, DistanceMetric metric, QuantizationMode mode = QuantizationMode.Codes) =>
        new(new HnswParameters { Dimension = dimension, Metric = metric, Quantization = mode, M = 16, EfConstruction = 100 });
}
