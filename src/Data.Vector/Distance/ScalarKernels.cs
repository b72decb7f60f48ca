namespace Data.Vector.Distance;

/// <summary>The kernels as plain loops: the oracle of every other kernel, and the fallback without SIMD.</summary>
internal static unsafe class ScalarKernels
{
    public static float SquaredL2(float* a, float* b, int length)
    {
        var sum = 0f;
        for (var i = 0; i < length; i++)
        {
            var difference = a[i] - b[i];
            sum += difference * difference;
        }

        return sum;
    }

    public static float Dot(float* a, float* b, int length)
    {
        var sum = 0f;
        for (var i = 0; i < length; i++)
            sum += a[i] * b[i];
        return sum;
    }

    /// <summary>Adds the squares to <paramref name="sum"/>.</summary>
    public static double SumOfSquares(float* a, int length, double sum = 0)
    {
        for (var i = 0; i < length; i++)
            sum += (double)a[i] * a[i];
        return sum;
    }

    public static int CodeSquaredL2(byte* a, byte* b, int bytes)
    {
        var sum = 0;
        for (var i = 0; i < bytes; i++)
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        return sum;
    }

    public static int CodeCentredDot(byte* a, byte* b, int bytes)
    {
        var sum = 0;
        for (var i = 0; i < bytes; i++)
            sum += (a[i] - CodeKernels.Centre) * (b[i] - CodeKernels.Centre);
        return sum;
    }
}
