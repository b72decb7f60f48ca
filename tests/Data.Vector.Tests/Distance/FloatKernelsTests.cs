using Data.Vector.Distance;

namespace Data.Vector.Tests.Distance;

public sealed unsafe class FloatKernelsTests
{
    public static TheoryData<int> Lengths => [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 100, 127, 128, 129, 768, 1001, 1536];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void SquaredL2_EveryWidth_AgreesWithScalar(int length)
    {
        Compare(length, (a, b) => (ScalarKernels.SquaredL2(a, b, length),
            [FloatKernels512.SquaredL2(a, b, length), FloatKernels256.SquaredL2(a, b, length), FloatKernels128.SquaredL2(
                a,
                b,
                length), FloatKernels.SquaredL2(a, b, length)]));
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Dot_EveryWidth_AgreesWithScalar(int length)
    {
        Compare(length, (a, b) => (ScalarKernels.Dot(a, b, length),
            [FloatKernels512.Dot(a, b, length), FloatKernels256.Dot(a, b, length), FloatKernels128.Dot(a, b, length), FloatKernels.Dot(
                a,
                b,
                length)]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(17)]
    [InlineData(771)]
    public void InverseNorm_AnyLength_EqualsTheDefinition(int length)
    {
        var random = new Random(length);
        var vector = Enumerable.Range(0, length).Select(_ => (float)random.NextDouble() - 0.5f).ToArray();
        fixed (float* v = vector)
        {
            var expected = 1 / Math.Sqrt(vector.Sum(x => (double)x * x));
            ((double)FloatKernels.InverseNorm(v, length)).ShouldBe(expected, expected * 1e-7);
        }
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void SumOfSquares_AnyLength_AgreesWithScalar(int length)
    {
        var random = new Random(length);
        var vector = Enumerable.Range(0, length).Select(_ => random.NextSingle() - 0.5f).ToArray();
        fixed (float* v = vector)
        {
            var expected = ScalarKernels.SumOfSquares(v, length);
            FloatKernels.SumOfSquares(v, length).ShouldBe(expected, expected * 1e-12);
        }
    }

    [Fact]
    public void InverseNorm_HugeAndTinyVectors_NeitherOverflowsNorVanishes()
    {
        float[] huge = [1e30f, 1e30f], tiny = [1e-30f, 0], zero = [0, 0];
        fixed (float* h = huge, t = tiny, z = zero)
        {
            FloatKernels.InverseNorm(h, 2).ShouldBe(1 / (1e30f * MathF.Sqrt(2)), 1e-36f);
            FloatKernels.InverseNorm(t, 2).ShouldBe(1e30f, 1e24f);
            FloatKernels.InverseNorm(z, 2).ShouldBe(0);
        }
    }

    private delegate (float Expected, float[] Actual) Measure(float* a, float* b);

    private static void Compare(int length, Measure measure)
    {
        var random = new Random(length);
        // One float past an aligned start: kernels must not rely on alignment.
        var left = Enumerable.Range(0, length + 1).Select(_ => (random.NextSingle() * 4) - 2).ToArray();
        var right = Enumerable.Range(0, length + 1).Select(_ => (random.NextSingle() * 4) - 2).ToArray();
        fixed (float* a = left, b = right)
        {
            var (expected, actual) = measure(a + 1, b + 1);
            foreach (var value in actual)
                value.ShouldBe(expected, 1e-5f * length);
        }
    }
}
