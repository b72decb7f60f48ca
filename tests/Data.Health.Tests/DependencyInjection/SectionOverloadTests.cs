using Data.Health.Contributors.Application;
using Data.Health.Contributors.Network;
using Data.Health.Contributors.Process;
using Data.Health.Contributors.Stores;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Data.Health.Tests.DependencyInjection;

public sealed class SectionOverloadTests
{
    private static readonly Dictionary<string, string?> Settings = new(StringComparer.Ordinal)
    {
        ["Host"] = "cache.example",
        ["Thumbprint"] = "AB12",
        ["MaximumStatusCode"] = "399",
        ["MaxReplicationLag"] = "00:00:07",
        ["DegradedPercent"] = "7",
        ["DegradedDelay"] = "00:00:00.007",
        ["MaxSilence"] = "00:07:00",
        ["DegradedCount"] = "7",
        ["RotateAfter"] = "7.00:00:00",
    };

    [Fact]
    public void AddContributor_Section_BindsItsOptions()
    {
        var services = new ServiceCollection();
        var address = new Uri("http://127.0.0.1:1");
        services.AddDataHealth()
            .AddDisk("part", Part("DegradedPercent"))
            .AddMemory("part", Part("DegradedPercent"))
            .AddThreadPool("part", Part("DegradedDelay"))
            .AddGcPressure("part", Part("DegradedPercent"))
            .AddHttp("part", address, Part("MaximumStatusCode"))
            .AddCertificate("part", Part("Host", "Thumbprint"))
            .AddPostgreSql("part", _ => null!, Part("MaxReplicationLag"))
            .AddRedis("part", Part("Host"))
            .AddScheduler("part", (_, _) => default, Part("MaxSilence"))
            .AddGrowth("part", (_, _) => default, Part("DegradedCount"))
            .AddSecretAge("part", (_, _) => default, Part("RotateAfter"));
        using var provider = services.BuildServiceProvider();

        Bound<DiskHealthOptions>(provider).DegradedPercent.ShouldBe(7);
        Bound<MemoryHealthOptions>(provider).DegradedPercent.ShouldBe(7);
        Bound<ThreadPoolHealthOptions>(provider).DegradedDelay.ShouldBe(TimeSpan.FromMilliseconds(7));
        Bound<GcPressureHealthOptions>(provider).DegradedPercent.ShouldBe(7);
        Bound<HttpHealthOptions>(provider).MaximumStatusCode.ShouldBe(399);
        Should.Throw<OptionsValidationException>(() => Bound<CertificateHealthOptions>(provider)).Message
            .ShouldContain("exactly one of FilePath, Thumbprint and Host");
        Bound<PostgreSqlHealthOptions>(provider).MaxReplicationLag.ShouldBe(TimeSpan.FromSeconds(7));
        Bound<RedisHealthOptions>(provider).Host.ShouldBe("cache.example");
        Bound<SchedulerHealthOptions>(provider).MaxSilence.ShouldBe(TimeSpan.FromMinutes(7));
        Bound<GrowthHealthOptions>(provider).DegradedCount.ShouldBe(7);
        Bound<SecretAgeHealthOptions>(provider).RotateAfter.ShouldBe(TimeSpan.FromDays(7));
    }

    [Fact]
    public void AddHttp_ClientAndSection_BindsItsOptions()
    {
        var services = new ServiceCollection();
        services.AddDataHealth().AddHttp("part", _ => null!, new Uri("http://127.0.0.1:1"), Part("MaximumStatusCode"));
        using var provider = services.BuildServiceProvider();
        Bound<HttpHealthOptions>(provider).MaximumStatusCode.ShouldBe(399);
    }

    [Fact]
    public void AddContributor_NullSection_IsAnError() =>
        Should.Throw<ArgumentNullException>(() => new ServiceCollection().AddDataHealth().AddDisk("part", (IConfigurationSection)null!))
            .ParamName.ShouldBe("section");

    private static IConfigurationSection Part(params string[] keys) => new ConfigurationBuilder()
        .AddInMemoryCollection(keys.Select(k => KeyValuePair.Create("Part:" + k, Settings[k]))).Build().GetSection("Part");

    private static T Bound<T>(IServiceProvider provider) => provider.GetRequiredService<IOptionsMonitor<T>>().Get("part");
}
