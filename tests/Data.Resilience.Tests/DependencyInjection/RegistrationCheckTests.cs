using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Data.Resilience.Tests.DependencyInjection;

/// <summary>Contexts that are registered for sessions and for injection.</summary>
public sealed class RegistrationCheckTests
{
    private const string ConnectionString = "Host=db;Database=shop";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Start_RetryingStrategyOfTheProvider_IsRefusedWithTheLineToChange(bool isFirst)
    {
        var refusal = await Should.ThrowAsync<InvalidOperationException>(
            () => StartAsync(isFirst, options => options.UseNpgsql(ConnectionString, npgsql => npgsql.EnableRetryOnFailure())));

        refusal.Message.ShouldContain("NpgsqlRetryingExecutionStrategy");
        refusal.Message.ShouldContain("EnableRetryOnFailure");
        refusal.Message.ShouldContain("DisableRetry = true");
        refusal.Message.ShouldContain("AddNpgsqlDbContext<Bank>");
    }

    [Fact]
    public async Task GetService_RetryingStrategyOfTheProviderAndNoHost_IsRefused()
    {
        var services = new ServiceCollection();
        services.AddDataResilience<Bank>(options => options.ConnectionString = ConnectionString)
            .ConfigureContext((_, options) => options.UseNpgsql(npgsql => npgsql.EnableRetryOnFailure()));
        await using var provider = services.BuildServiceProvider();

        Should.Throw<InvalidOperationException>(() => provider.GetRequiredService<IDbSessionFactory<Bank>>())
            .Message.ShouldContain("EnableRetryOnFailure");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Start_RegisteredTwiceWithoutStrategy_WarnsWithTheLineToAdd(bool isFirst)
    {
        var log = await StartAsync(isFirst, options => options.UseNpgsql(ConnectionString));

        var (level, _, text) = log.Entries.Single(entry => entry.Id == 1901);
        level.ShouldBe(LogLevel.Warning);
        text.ShouldContain("UseDataResilience()");
        text.ShouldContain("Bank");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Start_RegisteredTwiceWithStrategy_IsQuiet(bool isFirst)
    {
        var log = await StartAsync(isFirst, options => options.UseNpgsql(ConnectionString).UseDataResilience());

        log.Entries.ShouldNotContain(entry => entry.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task Start_RegisteredOnce_IsQuiet()
    {
        var log = await StartAsync(isFirst: true, configure: null);

        log.Entries.ShouldNotContain(entry => entry.Level >= LogLevel.Warning);
    }

    private static async Task<RecordingLoggerProvider> StartAsync(bool isFirst, Action<DbContextOptionsBuilder>? configure)
    {
        var log = new RecordingLoggerProvider();
        var services = new ServiceCollection().AddLogging(logging => logging.AddProvider(log));
        if (isFirst && configure is not null)
            services.AddDbContextPool<Bank>(configure);
        services.AddDataResilience<Bank>(options => options.ConnectionString = ConnectionString);
        if (!isFirst && configure is not null)
            services.AddDbContextPool<Bank>(configure);
        await using var provider = services.BuildServiceProvider(validateScopes: true);
        foreach (var service in provider.GetServices<IHostedService>())
            await service.StartAsync(TestContext.Current.CancellationToken);
        return log;
    }
}
