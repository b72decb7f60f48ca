namespace Data.Cache.Tests;

public sealed class DataCacheEntryOptionsTests
{
    [Fact]
    public void Init_TimeoutOutOfRange_IsRefusedByName()
    {
        foreach (var timeout in new[] { TimeSpan.FromSeconds(-5), TimeSpan.Zero, TimeSpan.FromDays(60), TimeSpan.MaxValue })
        {
            Should.Throw<ArgumentOutOfRangeException>(() => new DataCacheEntryOptions { FactoryHardTimeout = timeout })
                .ParamName.ShouldBe("FactoryHardTimeout");
            Should.Throw<ArgumentOutOfRangeException>(() => new DataCacheEntryOptions { FactorySoftTimeout = timeout })
                .ParamName.ShouldBe("FactorySoftTimeout");
        }

        new DataCacheEntryOptions { FactoryHardTimeout = TimeSpan.FromHours(1), FactorySoftTimeout = TimeSpan.FromMilliseconds(1) }
            .FactoryHardTimeout.ShouldBe(TimeSpan.FromHours(1));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(1)]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    public void Init_EagerThresholdOutOfRange_IsRefusedByName(double threshold) =>
        Should.Throw<ArgumentOutOfRangeException>(() => new DataCacheEntryOptions { EagerRefreshThreshold = threshold })
            .ParamName.ShouldBe("EagerRefreshThreshold");

    [Fact]
    public async Task Expiration_OutOfRange_IsCutOrNotCached()
    {
        var cache = DataCacheFactory.Create(new DataCacheOptions());
        var token = TestContext.Current.CancellationToken;
        var endless = new DataCacheEntryOptions { Expiration = TimeSpan.MaxValue, MaxStale = TimeSpan.MaxValue };
        await cache.SetAsync("long", 1, endless, cancellationToken: token);
        await cache.SetAsync("past", 1, new DataCacheEntryOptions { Expiration = TimeSpan.MinValue }, cancellationToken: token);
        (await cache.TryGetAsync<int>("long", token)).Found.ShouldBeTrue();
        (await cache.TryGetAsync<int>("past", token)).Found.ShouldBeFalse();
    }
}
