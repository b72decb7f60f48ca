using System.Numerics.Tensors;
using BenchmarkDotNet.Attributes;
using Data.Vector.Distance;

namespace Data.Benchmarks.Vector;

/// <summary>Squared distances of one query to rows that lie in the first-level cache, so that the arithmetic is what is timed.</summary>
public unsafe class Kernels
{
    private const int RowCount = 32;
    private const int Dimensions = 128;
    private readonly float[] _rows = GC.AllocateArray<float>((RowCount + 1) * Dimensions, pinned: true);
    private readonly byte[] _codes = GC.AllocateArray<byte>((RowCount + 1) * Dimensions, pinned: true);

    /// <summary>Fills the rows and their codes from a fixed seed.</summary>
    [GlobalSetup]
    public void Fill()
    {
        var random = new Random(8104);
        for (var i = 0; i < _rows.Length; i++)
        {
            _rows[i] = random.NextSingle();
            _codes[i] = (byte)(_rows[i] * CodeKernels.MaxCode);
        }
    }

    /// <summary>The framework's vectorised distance, whose square is what the kernels give.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = RowCount)]
    public float Tensors()
    {
        var query = _rows.AsSpan(0, Dimensions);
        var sum = 0f;
        for (var row = 1; row <= RowCount; row++)
            sum += TensorPrimitives.Distance(query, _rows.AsSpan(row * Dimensions, Dimensions));
        return sum;
    }

    /// <summary>Exact distances, as for re-ranking.</summary>
    [Benchmark(OperationsPerInvoke = RowCount)]
    public float Floats()
    {
        var sum = 0f;
        fixed (float* rows = _rows)
        {
            for (var row = 1; row <= RowCount; row++)
                sum += FloatKernels.SquaredL2(rows, rows + (row * Dimensions), Dimensions);
        }

        return sum;
    }

    /// <summary>Distances of 7-bit codes, four at a time, as on the way through the graph.</summary>
    [Benchmark(OperationsPerInvoke = RowCount)]
    public int Codes()
    {
        var sum = 0;
        fixed (byte* codes = _codes)
        {
            for (var row = 1; row <= RowCount; row += 4)
            {
                var first = codes + (row * Dimensions);
                var four = CodeKernels.SquaredL2(
                    codes,
                    first,
                    first + Dimensions,
                    first + (2 * Dimensions),
                    first + (3 * Dimensions),
                    Dimensions);
                sum += four[0] + four[1] + four[2] + four[3];
            }
        }

        return sum;
    }
}
