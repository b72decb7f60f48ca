using Data.Vector.Distance;

namespace Data.Vector.Quantization;

/// <summary>Measures on a sample whether codes order vectors well enough to walk the graph by them.</summary>
internal static unsafe class CodeRecall
{
    private const int Queries = 64, Nearest = 10, Reranked = 30;

    /// <summary>The smallest share of true neighbours among the candidates that a search would re-rank.</summary>
    public const double Required = 0.97;

    /// <summary>Returns the share of the nearest vectors by floats that are among the nearest candidates by codes.</summary>
    public static double Measure(CodeBook book, int dimension, ReadOnlySpan<float> sample)
    {
        var rows = sample.Length / dimension;
        if (rows <= Reranked + 1)
            return 1;
        var codes = GC.AllocateUninitializedArray<byte>(rows * book.CodeBytes, pinned: true);
        var exact = new float[rows];
        var sorted = new float[rows];
        var keys = new int[rows];
        var order = new int[rows];
        long hits = 0, wanted = 0;
        fixed (float* floats = sample)
        {
            fixed (byte* first = codes)
            {
                for (var i = 0; i < rows; i++)
                    book.Encode(floats + ((nint)i * dimension), 1, first + ((nint)i * book.CodeBytes));
                for (var query = 0; query < rows; query += Math.Max(1, rows / Queries))
                {
                    Score(book, dimension, floats, first, query, exact, keys);
                    exact.CopyTo(sorted, 0);
                    keys.CopyTo(order, 0);
                    Array.Sort(sorted);
                    Array.Sort(order);
                    wanted += Nearest;
                    hits += CountFound(exact, keys, sorted[Nearest - 1], order[Reranked]);
                }
            }
        }

        return (double)hits / wanted;
    }

    private static void Score(CodeBook book, int dimension, float* floats, byte* codes, int query, float[] exact, int[] keys)
    {
        var inner = book.Metric == DistanceMetric.InnerProduct;
        for (var i = 0; i < exact.Length; i++)
        {
            float* a = floats + ((nint)query * dimension), b = floats + ((nint)i * dimension);
            byte* c = codes + ((nint)query * book.CodeBytes), d = codes + ((nint)i * book.CodeBytes);
            exact[i] = inner ? -FloatKernels.Dot(a, b, dimension) : FloatKernels.SquaredL2(a, b, dimension);
            keys[i] = inner ? -CodeKernels.CentredDot(c, d, book.CodeBytes) : CodeKernels.SquaredL2(c, d, book.CodeBytes);
        }

        // The query itself does not count.
        exact[query] = float.PositiveInfinity;
        keys[query] = int.MaxValue;
    }

    // A key that ties with the first one left out counts as a miss, unless the floats tie too: equal vectors have equal codes.
    private static int CountFound(float[] exact, int[] keys, float farthest, int firstLeftOut)
    {
        int found = 0, near = 0, equal = 0;
        for (var i = 0; i < exact.Length && near < exact.Length; i++)
        {
            if (exact[i] > farthest)
                continue;
            near++;
            if (keys[i] < firstLeftOut)
                found++;
            else if (exact[i] == farthest)
                equal++;
        }

        return Math.Min(Nearest, near > Nearest ? found + equal : found);
    }
}
