using Data.Vector.Distance;
using Data.Vector.Quantization;

namespace Data.Vector.Tests.Quantization;

public sealed unsafe class CodeBookTests
{
    private const float Range = 2;

    public static TheoryData<int> Dimensions => [1, 7, 8, 9, 15, 16, 31, 64, 65, 128, 771];

    [Theory]
    [MemberData(nameof(Dimensions))]
    public void Encode_AnyLength_EqualsTheDefinition(int dimension)
    {
        var random = new Random(dimension);
        var origins = Numbers(random, dimension, 1);
        var book = new CodeBook(DistanceMetric.L2, origins, Range);
        // Some values outside the range, half steps, and values that no integer holds.
        var vector = Numbers(random, dimension, 3);
        vector[0] = 1e30f;
        vector[dimension / 2] = -1e30f;
        vector[dimension - 1] = origins[dimension - 1] + (book.Step * 2.5f);
        const float factor = 0.75f;
        var clipped = 0;
        var expected = new byte[book.CodeBytes];
        Array.Fill(expected, (byte)CodeKernels.Centre);
        for (var i = 0; i < dimension; i++)
        {
            var steps = Math.Round(((((vector[i] * factor) - origins[i]) * (63 / Range)) + 64), MidpointRounding.ToEven);
            if (steps is < 1 or > 127)
                clipped++;
            expected[i] = (byte)Math.Clamp(steps, 1, 127);
        }

        var code = new byte[book.CodeBytes];
        fixed (float* v = vector)
        {
            fixed (byte* c = code)
                book.Encode(v, factor, c).ShouldBe(clipped);
        }

        code.ShouldBe(expected);
    }

    [Theory]
    [InlineData(DistanceMetric.InnerProduct, true)]
    [InlineData(DistanceMetric.L2, false)]
    public void Choose_FewLargeValues_AreClippedExceptUnderTheInnerProduct(DistanceMetric metric, bool whole)
    {
        var sample = Numbers(new Random(2), 40_000, 1);
        sample[7] = 3;
        var book = Calibration.Choose(metric, 4, sample);
        (book.Range >= 2.9f).ShouldBe(whole);
        (book.ClippedShare == 0).ShouldBe(whole);
    }

    [Fact]
    public void Encode_AllVectorsOfTheSampleEqual_PutsThatVectorInTheCentre()
    {
        var book = new CodeBook(DistanceMetric.L2, Numbers(new Random(1), 20, 1), 0);
        var code = new byte[book.CodeBytes];
        fixed (float* v = Numbers(new Random(1), 20, 1))
        {
            fixed (byte* c = code)
                book.Encode(v, 1, c).ShouldBe(0);
        }

        code.ShouldAllBe(value => value == CodeKernels.Centre);
    }

    private static float[] Numbers(Random random, int count, float size) =>
        [.. Enumerable.Range(0, count).Select(_ => ((float)random.NextDouble() - 0.5f) * 2 * size)];
}
