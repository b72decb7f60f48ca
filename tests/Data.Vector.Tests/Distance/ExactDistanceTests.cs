using Data.Vector.Distance;

namespace Data.Vector.Tests.Distance;

public sealed unsafe class ExactDistanceTests
{
    public static TheoryData<int> Lengths => [1, 3, 8, 17, 128, 771];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Between_EachMetric_AgreesWithScalar(int length)
    {
        var random = new Random(length);
        var left = Enumerable.Range(0, length).Select(_ => random.NextSingle() - 0.4f).ToArray();
        var right = Enumerable.Range(0, length).Select(_ => random.NextSingle() - 0.4f).ToArray();
        fixed (float* a = left, b = right)
        {
            var dot = ScalarKernels.Dot(a, b, length);
            var lengths = Math.Sqrt(ScalarKernels.SumOfSquares(a, length) * ScalarKernels.SumOfSquares(b, length));
            var tolerance = 1e-5f * length;
            ExactDistance.Between(DistanceMetric.L2, left, right).ShouldBe(ScalarKernels.SquaredL2(a, b, length), tolerance);
            ExactDistance.Between(DistanceMetric.InnerProduct, left, right).ShouldBe(1 - dot, tolerance);
            ExactDistance.Between(DistanceMetric.Cosine, left, right).ShouldBe((float)(1 - (dot / lengths)), tolerance);
        }
    }

    [Fact]
    public void Between_VectorsOfDifferentLengths_Throws() =>
        Should.Throw<ArgumentOutOfRangeException>(() => ExactDistance.Between(DistanceMetric.L2, [1, 2], [1]));
}
