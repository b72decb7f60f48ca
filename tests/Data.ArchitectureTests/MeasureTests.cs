using Data.Benchmarks.Runner;
using Xunit;

namespace Data.ArchitectureTests;

/// <summary>A limit missed by up to a quarter of its size is noise of a shared machine; more fails the run.</summary>
public sealed class MeasureTests
{
    [Theory]
    [InlineData(1.25, true)]
    [InlineData(1.26, false)]
    [InlineData(-3, true)]
    public void WithinTolerance_GreatestValue_IsLimitAndAQuarter(double ratio, bool within) =>
        Assert.Equal(within, Of(ratio, limit: 1, Direction.Max).WithinTolerance);

    [Theory]
    [InlineData(0.75, true)]
    [InlineData(0.74, false)]
    [InlineData(7, true)]
    public void WithinTolerance_LeastValue_IsLimitLessAQuarter(double ratio, bool within) =>
        Assert.Equal(within, Of(ratio, limit: 1, Direction.Min).WithinTolerance);

    [Theory]
    [InlineData(-0.4, true)]
    [InlineData(-0.62, true)]
    [InlineData(-0.63, false)]
    public void WithinTolerance_NegativeLeastValue_IsBelowItsLimit(double ratio, bool within) =>
        Assert.Equal(within, Of(ratio, limit: -0.5, Direction.Min).WithinTolerance);

    private static Measure Of(double ratio, double limit, Direction direction) =>
        new("measure", "area", ratio, null, ratio, "x", limit, direction, 1, 0);
}
