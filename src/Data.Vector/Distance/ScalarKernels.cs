namespace Data.Vector.Distance;

/// <summary>The plain loops: the oracle of every other kernel, and the fallback where no vector unit is offered.</summary>
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
        for (var i = 0; i < length; i++) sum += a[i] * b[i];
        return sum;
    }
}
