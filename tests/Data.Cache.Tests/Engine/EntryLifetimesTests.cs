using Data.Cache.Engine;
using Data.Cache.Internal;

namespace Data.Cache.Tests.Engine;

public sealed class EntryLifetimesTests
{
    [Fact]
    public void Of_WithJitter_IsShorterByAtMostTheJitterAndNeverLonger()
    {
        var options = new DataCacheOptions { ExpirationJitter = 0.25, DefaultExpiration = TimeSpan.FromSeconds(100) };
        var lifetimes = new EntryLifetimes(options, new MonotonicClock(TimeProvider.System));
        var spec = new EntryDefaults(options).Resolve(null);
        var drawn = Enumerable.Range(0, 2000).Select(_ => lifetimes.Of(spec, isNull: false, []).TotalSeconds).ToArray();
        drawn.ShouldAllBe(static seconds => seconds >= 75 && seconds <= 100);
        drawn.Min().ShouldBeLessThan(80);
        drawn.Max().ShouldBeGreaterThan(95);
    }
}
