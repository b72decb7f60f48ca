using Data.Resilience.Retry;

namespace Data.Resilience.Tests.Retry;

public sealed class BackoffTests
{
    [Fact]
    public void Next_SameSeed_GivesTheSameDelays()
    {
        var first = new Backoff(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(2), seed: 7);
        var second = new Backoff(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(2), seed: 7);

        for (var retry = 1; retry < 20; retry++)
            first.Next(retry).ShouldBe(second.Next(retry));
    }

    [Theory]
    [InlineData(1, 50)]
    [InlineData(2, 100)]
    [InlineData(6, 1600)]
    [InlineData(7, 2000)]
    [InlineData(100, 2000)]
    public void Next_ManyDraws_FillTheRangeBelowTheCeilingAndAreNeverZero(int retry, int ceilingMs)
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(2), seed: 1);
        var delays = Enumerable.Range(0, 2000).Select(_ => backoff.Next(retry).TotalMilliseconds).ToArray();

        delays.Min().ShouldBeGreaterThanOrEqualTo(1);
        delays.Min().ShouldBeLessThan(ceilingMs * 0.1);
        delays.Max().ShouldBeLessThanOrEqualTo(ceilingMs);
        delays.Average().ShouldBeInRange(ceilingMs * 0.45, ceilingMs * 0.55);
    }
}
