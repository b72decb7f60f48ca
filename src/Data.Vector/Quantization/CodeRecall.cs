using Data.Vector.Distance;

namespace Data.Vector.Quantization;

/// <summary>Whether codes keep the order of the floats well enough to walk by: tried on a sample before they are used.</summary>
internal static unsafe class CodeRecall
{
    private const int Queries = 64, Nearest = 10, Rescored = 30;

    /// <summary>The least share of true neighbours that must be among the candidates which a search would score again.</summary>
    public const double Required = 0.97;

    /// <summary>The share of each sampled vector's nearest by floats that are among its nearest few by codes.</summary>
    public static double Measure(CodeBook book, int dimension, ReadOnlySpan<float> sample)
    {
        var rows = sample.Length / dimension;
        if (rows <= Rescored + 1)
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
                    hits += CountFound(exact, keys, sorted[Nearest - 1], order[Rescored]);
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

        // The query itself is no finding.
        exact[query] = float.PositiveInfinity;
        keys[query] = int.MaxValue;
    }

    // A key that ties with the first one left out counts as lost, unless the floats tie as well: equal vectors have equal codes.
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
