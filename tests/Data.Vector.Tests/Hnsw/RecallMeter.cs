using Data.Vector.Indexing;

namespace Data.Vector.Tests.Hnsw;

/// <summary>Measures recall against the exact scan of the same index.</summary>
internal static class RecallMeter
{
    public static double Measure(VectorIndex index, float[] queries, int k, int efSearch)
    {
        var found = new Neighbor[k];
        var exact = new Neighbor[k];
        double hits = 0, wanted = 0;
        for (var i = 0; i < queries.Length; i += index.Dimension)
        {
            var query = queries.AsSpan(i, index.Dimension);
            var foundCount = index.Search(query, efSearch, found);
            var exactCount = index.ScanExact(query, exact);
            wanted += exactCount;
            // By distance: equally near results are interchangeable.
            if (exactCount > 0)
                hits += found.Take(foundCount).Count(f => f.Distance <= exact[exactCount - 1].Distance);
        }

        return hits / wanted;
    }
}
