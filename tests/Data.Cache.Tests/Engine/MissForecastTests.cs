using Data.Cache.Engine;

namespace Data.Cache.Tests.Engine;

public sealed class MissForecastTests
{
    private readonly MissForecast _forecast = new();

    [Fact]
    public void IsLikely_NothingRead_IsFalse() => _forecast.IsLikely.ShouldBeFalse();

    [Fact]
    public void Add_ARunOfMisses_MakesOneLikely()
    {
        Add(missed: true, 8);
        _forecast.IsLikely.ShouldBeFalse();
        Add(missed: true, 8);
        _forecast.IsLikely.ShouldBeTrue();
    }

    [Fact]
    public void Add_HitsAfterMisses_MakeOneUnlikelyAgain()
    {
        Add(missed: true, 1000);
        Add(missed: false, 8);
        _forecast.IsLikely.ShouldBeTrue();
        Add(missed: false, 8);
        _forecast.IsLikely.ShouldBeFalse();
    }

    [Fact]
    public void Add_MissesAfterManyHits_AreNoticedAsSoon()
    {
        Add(missed: false, 1000);
        Add(missed: true, 16);
        _forecast.IsLikely.ShouldBeTrue();
    }

    private void Add(bool missed, int times)
    {
        for (var time = 0; time < times; time++)
            _forecast.Add(missed);
    }
}
