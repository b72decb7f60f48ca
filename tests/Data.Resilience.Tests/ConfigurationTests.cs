using Data.Resilience.Idempotency;
using Data.Resilience.Interceptors;
using Data.Resilience.Migrations;
using Data.Resilience.Pooling;
using Data.Resilience.Replicas;
using Data.Resilience.Sharding;
using Data.Resilience.Tenancy;
using Data.Resilience.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Data.Resilience.Tests;

/// <summary>Every part's options come from configuration, and every setting out of range is named.</summary>
public sealed class ConfigurationTests
{
    private const string Database = "Host=127.0.0.1;Password=hush";

    [Fact]
    public void Add_FromConfiguration_BindsEveryPart()
    {
        using var services = Build(new()
        {
            ["Pool:MaxSize"] = "7",
            ["Queries:SlowQueryThreshold"] = "00:00:00.250",
            ["Queries:TagThresholds:report"] = "00:00:30",
            ["Migrations:RunAtStart"] = "true",
            ["Tenancy:CheckRoleAtStart"] = "false",
            ["Replicas:ConnectionStrings:0"] = Database,
            ["Replicas:MaxStaleness"] = "00:00:05",
            ["Idempotency:Retention"] = "30.00:00:00",
        });

        Get<PoolOptions>(services).MaxSize.ShouldBe(7);
        Get<QueryDiagnosticsOptions>(services).SlowQueryThreshold.ShouldBe(TimeSpan.FromMilliseconds(250));
        Get<QueryDiagnosticsOptions>(services).TagThresholds["report"].ShouldBe(TimeSpan.FromSeconds(30));
        Get<MigrationOptions>(services).RunAtStart.ShouldBeTrue();
        Get<TenancyOptions>(services).CheckRoleAtStart.ShouldBeFalse();
        Get<ReplicaOptions>(services).ConnectionStrings.ShouldBe([Database]);
        Get<ReplicaOptions>(services).MaxStaleness.ShouldBe(TimeSpan.FromSeconds(5));
        Get<IdempotencyOptions>(services).Retention.ShouldBe(TimeSpan.FromDays(30));
    }

    [Theory]
    [InlineData("Pool:MaxSize", "0")]
    [InlineData("Pool:MinSize", "2000")]
    [InlineData("Pool:WaitTimeout", "00:00:00.1")]
    [InlineData("Pool:MaxAge", "-00:00:01")]
    [InlineData("Pool:PrePingAfter", "-00:00:01")]
    [InlineData("Pool:PrePingTimeout", "00:02:00")]
    [InlineData("Pool:LeakThreshold", "00:00:00.001")]
    [InlineData("Pool:WarmUpCount", "-1")]
    [InlineData("Queries:SlowQueryThreshold", "00:00:00")]
    [InlineData("Queries:TagThresholds:x", "00:00:00")]
    [InlineData("Queries:SlowQueryLogInterval", "-00:00:01")]
    [InlineData("Queries:PlanCapture", "9")]
    [InlineData("Queries:PlanCaptureTimeout", "01:00:00")]
    [InlineData("Queries:MaxFingerprintCount", "0")]
    [InlineData("Queries:FingerprintCacheCount", "1")]
    [InlineData("Queries:TopQueryCount", "-1")]
    [InlineData("Queries:NPlusOne", "9")]
    [InlineData("Queries:NPlusOneLimit", "0")]
    [InlineData("Migrations:ConnectionString", "")]
    [InlineData("Migrations:LockWaitTimeout", "-00:00:01")]
    [InlineData("Migrations:TableLockTimeout", "00:00:00")]
    [InlineData("Migrations:MaxTableLockRetryAttempts", "-1")]
    [InlineData("Migrations:StatementTimeout", "00:00:00.1")]
    [InlineData("Replicas:ConnectionStrings:1", "Host=a,b")]
    [InlineData("Replicas:ConnectionStrings:1", "Nonsense=hush")]
    [InlineData("Replicas:CheckInterval", "00:00:00.001")]
    [InlineData("Replicas:CheckTimeout", "01:00:00")]
    [InlineData("Replicas:MaxStaleness", "00:00:00")]
    [InlineData("Replicas:TokenWait", "-00:00:01")]
    [InlineData("Replicas:FailureThreshold", "0")]
    [InlineData("Replicas:RecoveryThreshold", "101")]
    [InlineData("Idempotency:Table", "")]
    [InlineData("Idempotency:Schema", "0123456789012345678901234567890123456789012345678901234567890123")]
    [InlineData("Idempotency:MaxResultSize", "0")]
    [InlineData("Idempotency:MaxResultSize", "16777217")]
    [InlineData("Idempotency:Retention", "00:00:59")]
    [InlineData("Idempotency:Retention", "3651.00:00:00")]
    [InlineData("Idempotency:RemovalInterval", "00:00:00.9")]
    [InlineData("Idempotency:RemovalInterval", "1.00:00:01")]
    [InlineData("Idempotency:RemovalBatchSize", "0")]
    public void Validate_OutOfRange_NamesTheSettingAndNoSecret(string setting, string value)
    {
        using var services = Build(new() { ["Replicas:ConnectionStrings:0"] = Database, [setting] = value });
        var parts = setting.Split(':');

        var error = Should.Throw<OptionsValidationException>(() => services.GetRequiredService<IStartupValidator>().Validate());

        error.Message.ShouldContain("." + parts[1]);
        error.Message.ShouldNotContain("hush");
    }

    [Theory]
    [InlineData("Pins:acme", "nowhere", "nowhere")]
    [InlineData("ConnectionStrings:two", "Nonsense=hush", "two")]
    public void Validate_Shards_NamesTheSettingAndNoSecret(string setting, string value, string named)
    {
        var configuration = Configuration(new() { ["ConnectionStrings:one"] = Database, [setting] = value });
        var services = new ServiceCollection();
        services.AddDataResilience<Bank>(o => o.ConnectionString = Database).AddShards(configuration.GetSection("Root"));
        using var provider = services.BuildServiceProvider();

        var error = Should.Throw<OptionsValidationException>(() => provider.GetRequiredService<IStartupValidator>().Validate());

        error.OptionsType.ShouldBe(typeof(ShardOptions));
        error.Message.ShouldContain(named);
        error.Message.ShouldNotContain("hush");
    }

    [Theory]
    [InlineData("Pool:MaxSise", "did you mean MaxSize")]
    [InlineData("Migrations:RunAtStartup", "did you mean RunAtStart")]
    [InlineData("Idempotency:Nonsense", "there are Table")]
    [InlineData("Tenancy:CheckRole", "")]
    [InlineData("Replicas:ConnectionString:0", "did you mean ConnectionStrings")]
    public void Validate_KeyThatIsNoSetting_NamesItsPath(string key, string hint)
    {
        using var services = Build(new() { ["Replicas:ConnectionStrings:0"] = Database, [key] = "hush" });

        var error = Should.Throw<OptionsValidationException>(() => services.GetRequiredService<IStartupValidator>().Validate());

        error.Message.ShouldContain($"Root:{string.Join(':', key.Split(':')[..2])} is not a setting");
        error.Message.ShouldContain(hint);
        error.Message.ShouldNotContain("hush");
    }

    [Theory]
    [InlineData("ConectionString", "Root:ConectionString is not")]
    [InlineData("Unknown", "Root:Unknown is not")]
    [InlineData("Retry:MaxRetryAttempt", "Root:Retry:MaxRetryAttempt is not")]
    [InlineData("CircuitBraker:FailFast", "Root:CircuitBraker is not")]
    [InlineData("Outbox:BatchSise", "Root:Outbox:BatchSise is not")]
    public void Validate_KeyOfTheContextThatIsNoSetting_NamesItsPath(string key, string expected)
    {
        using var provider = BuildContext(new() { [key] = "1" });

        Should.Throw<OptionsValidationException>(() => provider.GetRequiredService<IStartupValidator>().Validate()).Message
            .ShouldContain(expected);
    }

    [Fact]
    public void Validate_KeysInAnyCaseAndSectionsOfOtherParts_Pass()
    {
        using var provider = BuildContext(new()
        {
            ["RETRY:maxRetryAttempts"] = "7",
            ["circuitBreaker:failFast"] = "true",
            ["Outbox:BatchSize"] = "5",
            ["Pool:MaxSize"] = "50",
        });

        provider.GetRequiredService<IStartupValidator>().Validate();
        Get<DataResilienceOptions>(provider).Retry.MaxRetryAttempts.ShouldBe(7);
    }

    private static ServiceProvider BuildContext(Dictionary<string, string?> settings)
    {
        var root = Configuration(new(settings) { ["ConnectionString"] = Database }).GetSection("Root");
        var services = new ServiceCollection();
        services.AddDataResilience<Bank>(root).AddOutbox(root.GetSection("Outbox"));
        return services.BuildServiceProvider();
    }

    private static ServiceProvider Build(Dictionary<string, string?> settings)
    {
        var root = Configuration(settings).GetSection("Root");
        var services = new ServiceCollection();
        services.AddDataResilience<Bank>(o => o.ConnectionString = Database)
            .AddPool(root.GetSection("Pool"))
            .AddQueryDiagnostics(root.GetSection("Queries"))
            .AddMigrations(root.GetSection("Migrations"))
            .AddTenancy(root.GetSection("Tenancy"))
            .AddReplicas(root.GetSection("Replicas"))
            .AddIdempotency(root.GetSection("Idempotency"));
        return services.BuildServiceProvider();
    }

    private static IConfigurationRoot Configuration(Dictionary<string, string?> settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create("Root:" + s.Key, s.Value))).Build();

    private static T Get<T>(ServiceProvider services)
        where T : class =>
        services.GetRequiredService<IOptionsMonitor<T>>().Get(typeof(Bank).FullName);
}
