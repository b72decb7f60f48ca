using System.Runtime.Intrinsics;
using Data.Vector.Distance;

namespace Data.Vector.Quantization;

/// <summary>
/// Scalar quantizer of floats to 7-bit codes: one step for all dimensions, so that distances of codes are proportional to distances of
/// vectors, and one origin per dimension, which cancels in differences. Under the inner product all origins are zero.
/// </summary>
internal sealed unsafe class CodeBook
{
    private const int MinCode = 1, Width = 8;

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

    /// <summary>The largest distance of a coordinate from its origin that is not clipped.</summary>
    public float Range { get; }

    /// <summary>The size of one code unit; 0 when all vectors of the sample are equal.</summary>
    public float Step { get; }

    /// <summary>The share of the coordinates of the sample that were clipped.</summary>
    public double ClippedShare { get; init; }

    public ReadOnlySpan<float> Origins => _origins;

    public int CodeBytes { get; }

    /// <summary>Returns the bytes of one code.</summary>
    public static int BytesFor(int dimension) => (dimension + CodeKernels.Alignment - 1) / CodeKernels.Alignment * CodeKernels.Alignment;

    /// <summary>Encodes <paramref name="vector"/> times <paramref name="factor"/>; returns how many coordinates were clipped.</summary>
    public int Encode(float* vector, float factor, byte* code)
    {
        var length = _origins.Length;
        var done = length - (length % Width);
        int clipped;
        fixed (float* origins = _origins)
        {
            clipped = EncodeWide(vector, factor, origins, code, done)
                + EncodeSingly(vector + done, factor, origins + done, code + done, length - done);
        }

        for (var i = length; i < CodeBytes; i++)
            code[i] = CodeKernels.Centre;
        return clipped;
    }

    /// <summary>
    /// Encodes a query. Under the inner product its length does not affect the order, so it is scaled to use the whole range of codes.
    /// </summary>
    public void EncodeQuery(float* vector, float factor, byte* code)
    {
        Encode(vector, Metric == DistanceMetric.InnerProduct ? QueryFactor(vector) : factor, code);
    }

    /// <summary>Returns the factor that scales a query of the inner product to the whole range of codes.</summary>
    public float QueryFactor(float* query)
    {
        var largest = 0f;
        for (var i = 0; i < _origins.Length; i++)
            largest = MathF.Max(largest, MathF.Abs(query[i]));
        return largest > 0 ? Range / largest : 0;
    }

    // The same operations in the same order as EncodeSingly: a vector has the same code on every processor.
    private int EncodeWide(float* vector, float factor, float* origins, byte* code, int length)
    {
        var factors = Vector256.Create(factor);
        var inverseSteps = Vector256.Create(_inverseStep);
        var centre = Vector256.Create((float)CodeKernels.Centre);
        var least = Vector256.Create((float)MinCode);
        var most = Vector256.Create((float)CodeKernels.MaxCode);
        var clipped = Vector256<int>.Zero;
        for (var i = 0; i < length; i += Width)
        {
            var steps = (((Vector256.Load(vector + i) * factors) - Vector256.Load(origins + i)) * inverseSteps) + centre;
            var rounded = Vector256.Round(steps);
            var kept = Vector256.MinNative(Vector256.MaxNative(rounded, least), most);
            // Where clamping changed the value the mask is all ones, which is -1.
            clipped -= ~Vector256.Equals(kept, rounded).AsInt32();
            var integers = Vector256.ConvertToInt32(kept);
            var shorts = Vector128.Narrow(integers.GetLower(), integers.GetUpper());
            *(ulong*)(code + i) = Vector128.Narrow(shorts, shorts).AsUInt64().ToScalar();
        }

        return Vector256.Sum(clipped);
    }

    private int EncodeSingly(float* vector, float factor, float* origins, byte* code, int length)
    {
        var clipped = 0;
        for (var i = 0; i < length; i++)
        {
            var steps = (((vector[i] * factor) - origins[i]) * _inverseStep) + CodeKernels.Centre;
            var rounded = (int)MathF.Round(steps);
            if (rounded is < MinCode or > CodeKernels.MaxCode)
                clipped++;
            code[i] = (byte)Math.Clamp(rounded, MinCode, CodeKernels.MaxCode);
        }

        return clipped;
    }
}
