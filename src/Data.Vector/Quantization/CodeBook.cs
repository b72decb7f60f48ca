using Data.Vector.Distance;

namespace Data.Vector.Quantization;

/// <summary>
/// How floats become 7-bit codes: one step for all dimensions, so that distances of codes are distances of vectors but for a
/// factor, and one origin per dimension, which differences do not see. Under the inner product all origins are zero.
/// </summary>
internal sealed unsafe class CodeBook
{
    private readonly float[] _origins;
    private readonly float _inverseStep;

    public CodeBook(DistanceMetric metric, float[] origins, float range)
    {
        Metric = metric;
        _origins = origins;
        Range = range;
        // 63 steps to either side of the centre.
        Step = range / (CodeKernels.Centre - 1);
        _inverseStep = range > 0 ? (CodeKernels.Centre - 1) / range : 0;
        CodeBytes = BytesFor(origins.Length);
    }

    public DistanceMetric Metric { get; }

    /// <summary>How far from its origin a coordinate may lie before it is clipped.</summary>
    public float Range { get; }

    /// <summary>What one unit of a code stands for; 0 when all vectors that were seen are equal.</summary>
    public float Step { get; }

    /// <summary>The share of the sample's coordinates that were clipped.</summary>
    public double ClippedShare { get; init; }

    public ReadOnlySpan<float> Origins => _origins;

    public int CodeBytes { get; }

    /// <summary>Bytes of one code.</summary>
    public static int BytesFor(int dimension) => (dimension + CodeKernels.Alignment - 1) / CodeKernels.Alignment * CodeKernels.Alignment;

    /// <summary>Encodes <paramref name="vector"/> times <paramref name="factor"/>; returns how many coordinates were clipped.</summary>
    public int Encode(float* vector, float factor, byte* code)
    {
        var clipped = 0;
        for (var i = 0; i < _origins.Length; i++)
        {
            var steps = (((vector[i] * factor) - _origins[i]) * _inverseStep) + CodeKernels.Centre;
            var rounded = (int)MathF.Round(steps);
            if ((uint)(rounded - 1) > CodeKernels.MaxCode - 1)
            {
                clipped++;
                rounded = Math.Clamp(rounded, 1, CodeKernels.MaxCode);
            }

            code[i] = (byte)rounded;
        }

        for (var i = _origins.Length; i < CodeBytes; i++) code[i] = CodeKernels.Centre;
        return clipped;
    }

    /// <summary>
    /// Encodes a query. Under the inner product only its direction matters to the order, so it is stretched to use all the steps.
    /// </summary>
    public void EncodeQuery(float* vector, float factor, byte* code)
    {
        if (Metric == DistanceMetric.InnerProduct)
        {
            var largest = 0f;
            for (var i = 0; i < _origins.Length; i++) largest = MathF.Max(largest, MathF.Abs(vector[i]));
            factor = largest > 0 ? Range / largest : 0;
        }

        Encode(vector, factor, code);
    }
}
