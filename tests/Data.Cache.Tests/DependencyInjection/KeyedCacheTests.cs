using Microsoft.Extensions.DependencyInjection;

namespace Data.Cache.Tests.DependencyInjection;

public sealed class KeyedCacheTests
{
    [Fact]
    public void AddKeyedDataCache_AnotherKeyWithTheSameText_IsRefusedByName()
    {
        var services = new ServiceCollection();
        services.AddKeyedDataCache(1, options => options.KeyPrefix = "first");
        Should.Throw<ArgumentException>(() => services.AddKeyedDataCache("1", options => options.KeyPrefix = "second"))
            .Message.ShouldContain("'1'");
    }

    [Fact]
    public void AddKeyedDataCache_TheSameKeyAgainOrNoKey_IsAccepted()
    {
        var services = new ServiceCollection();
        services.AddKeyedDataCache("orders", options => options.KeyPrefix = "first");
        services.AddKeyedDataCache("orders", options => options.LocalSizeLimitBytes = 1_000_000);
        services.AddDataCache();
        services.Where(service => service.ServiceType == typeof(DataCache)).Select(service => service.ServiceKey)
            .ShouldBe(["orders", null]);
    }
}
