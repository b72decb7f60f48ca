namespace Data.Benchmarks.Vector;

/// <summary>
/// The benchmark's data: bit-exact on any IEEE machine (no math library, a fixed order of operations), so that its checksums
/// can be tested and results compared between machines.
/// </summary>
internal sealed class VectorData
{
    private const int Centres = 256, LatentDimensions = 24;

    private readonly bool _latent;
    private readonly ulong _seed;
    private readonly float[] _centres;
    private readonly float[] _projection = [];

    /// <summary>Creates a generator.</summary>
    /// <param name="kind"><c>iso</c>: noise in every dimension; <c>lat</c>: 24 latent dimensions, as hard as real embeddings.</param>
    /// <param name="dimension">Floats in a vector.</param>
    /// <param name="seed">Seeds the four streams.</param>
    public VectorData(string kind, int dimension, ulong seed)
    {
        _latent = kind == "lat";
        _seed = seed;
        Dimension = dimension;
        var random = new SplitMix(seed);
        _centres = new float[Centres * (_latent ? LatentDimensions : dimension)];
        for (var i = 0; i < _centres.Length; i++)
            _centres[i] = random.NextNormal();
        if (!_latent)
            return;
        random = new SplitMix(seed + 1);
        _projection = new float[dimension * LatentDimensions];
        for (var i = 0; i < _projection.Length; i++)
            _projection[i] = random.NextNormal() * 0.125f;
    }

    public int Dimension { get; }

    /// <summary>Returns the base vectors, row by row.</summary>
    public float[] Base(int count) => Rows(count, _seed + 2);

    /// <summary>Returns the queries, row by row.</summary>
    public float[] Queries(int count) => Rows(count, _seed + 3);

    /// <summary>Returns FNV-1a over the 32-bit words.</summary>
    public static ulong Checksum(ReadOnlySpan<float> rows)
    {
        var hash = 1469598103934665603ul;
        foreach (var value in rows)
            hash = (hash ^ BitConverter.SingleToUInt32Bits(value)) * 1099511628211ul;
        return hash;
    }

    private float[] Rows(int count, ulong seed)
    {
        var rows = new float[count * Dimension];
        var random = new SplitMix(seed);
        for (var i = 0; i < count; i++)
        {
            var row = rows.AsSpan(i * Dimension, Dimension);
            if (_latent)
                NextLatent(ref random, row);
            else
                NextIso(ref random, row);
        }

        return rows;
    }

    private void NextIso(ref SplitMix random, Span<float> row)
    {
        var centre = _centres.AsSpan((int)(random.Next() & 255) * Dimension, Dimension);
        for (var k = 0; k < row.Length; k++)
            row[k] = centre[k] + random.NextNormal();
    }

    private void NextLatent(ref SplitMix random, Span<float> row)
    {
        var centre = _centres.AsSpan((int)(random.Next() & 255) * LatentDimensions, LatentDimensions);
        Span<double> latent = stackalloc double[LatentDimensions];
        for (var l = 0; l < LatentDimensions; l++)
            latent[l] = (double)centre[l] + random.NextNormal();
        for (var k = 0; k < row.Length; k++)
        {
            var weights = _projection.AsSpan(k * LatentDimensions, LatentDimensions);
            var sum = 0d;
            for (var l = 0; l < LatentDimensions; l++)
                sum += weights[l] * latent[l];
            row[k] = (float)(sum + (0.1 * random.NextNormal()));
        }
    }

    private struct SplitMix(ulong state)
    {
        private ulong _state = state;

        public ulong Next()
        {
            _state += 0x9E3779B97F4A7C15ul;
            var z = _state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ul;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBul;
            return z ^ (z >> 31);
        }

        /// <summary>Returns the sum of twelve uniform lanes (Irwin–Hall): close to normal, and the same on every machine.</summary>
        public float NextNormal()
        {
            var sum = 0;
            for (var draw = 0; draw < 3; draw++)
            {
                var lanes = Next();
                sum += (int)(lanes & 0xFFFF) + (int)((lanes >> 16) & 0xFFFF) + (int)((lanes >> 32) & 0xFFFF) + (int)(lanes >> 48);
            }

            return (sum - 393210) / 65536f;
        }
    }
}
