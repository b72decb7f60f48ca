using System.Collections.Concurrent;
using Data.Resilience.Pooling;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Migrations;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Data.Resilience.Tests.Pooling;

public sealed class PoolTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Leak_SessionHeldTooLong_IsReportedWithItsStackAndAgainWhenItComesBack()
    {
        await using var host = await PoolHost.StartAsync(o => o.LeakThreshold = TimeSpan.FromMilliseconds(100));
        var release = new TaskCompletionSource();

        var held = HoldForTheLeakTest(host, release.Task);
        var leak = await host.WaitForEntryAsync(1501);
        host.Statistics.LeakedCount.ShouldBe(1);
        release.SetResult();
        await held;

        leak.ShouldContain(nameof(HoldForTheLeakTest));
        leak.ShouldContain("the-name");
        (await host.WaitForEntryAsync(1502)).ShouldContain("the-name");
        host.Statistics.LeakedCount.ShouldBe(0);
    }

    [Fact]
    public async Task Leak_ShortSessions_AreNotReported()
    {
        await using var host = await PoolHost.StartAsync(o => o.LeakThreshold = TimeSpan.FromMinutes(5));

        for (var i = 0; i < 20; i++)
            await host.Sessions.ReadRawAsync((c, ct) => new NpgsqlCommand("SELECT 1", c).ExecuteScalarAsync(ct), cancellationToken: Token);

        host.Entries.ShouldNotContain(e => e.Id == 1501);
    }

    [Fact]
    public async Task OpenAsync_NoConnectionFree_ThrowsWithCountsAndLongestHeld()
    {
        await using var host = await PoolHost.StartAsync(o =>
        {
            o.MaxSize = 2;
            o.WaitTimeout = TimeSpan.FromSeconds(1);
        });
        var release = new TaskCompletionSource();
        var holders = new[] { HoldForTheLeakTest(host, release.Task), HoldForTheLeakTest(host, release.Task) };
        while (host.Statistics.BusyCount < 2)
            await Task.Delay(10, Token);

        var error = await Should.ThrowAsync<PoolExhaustedException>(async () =>
            await host.Sessions.ReadRawAsync((_, _) => Task.FromResult(0), new DbSessionOptions { MaxRetryAttempts = 0 }, Token));

        error.MaxSize.ShouldBe(2);
        error.LongestHeld.Count.ShouldBe(2);
        error.LongestHeld.ShouldAllBe(h => h.Session == "the-name" && h.Held > TimeSpan.Zero);
        error.Message.ShouldContain("the-name");
        host.Statistics.ExhaustedCount.ShouldBe(1);
        (await host.HealthAsync()).Status.ShouldBe(HealthStatus.Degraded);
        release.SetResult();
        await Task.WhenAll(holders);
        (await host.HealthAsync()).Status.ShouldBe(HealthStatus.Healthy);
    }

    [Fact]
    public async Task OpenAsync_AttemptTimeoutShorterThanTheWait_StillTellsThatThePoolIsExhausted()
    {
        await using var host = await PoolHost.StartAsync(o =>
        {
            o.MaxSize = 1;
            o.WaitTimeout = TimeSpan.FromSeconds(10);
        });
        var release = new TaskCompletionSource();
        var holder = HoldForTheLeakTest(host, release.Task);
        while (host.Statistics.BusyCount < 1)
            await Task.Delay(10, Token);

        var error = await Should.ThrowAsync<Exception>(async () => await host.Sessions.ReadRawAsync(
            (_, _) => Task.FromResult(0), new DbSessionOptions
            {
                MaxRetryAttempts = 0,
                AttemptTimeout = TimeSpan.FromMilliseconds(300)
            }, Token));

        error.ShouldBeOfType<PoolExhaustedException>().LongestHeld.ShouldHaveSingleItem().Session.ShouldBe("the-name");
        host.Statistics.WaitingCount.ShouldBe(0);
        release.SetResult();
        await holder;
    }

    [Fact]
    public async Task ReadAsync_OneAfterTheOther_ShareOneBackendAndLeaveNoLease()
    {
        await using var host = await PoolHost.StartAsync(o => o.LeakThreshold = TimeSpan.FromMinutes(1));
        var backends = new HashSet<int>();
        for (var i = 0; i < 10; i++)
        {
            backends.Add(await Backend(host));
            await host.Sessions.ReadAsync((s, ct) => s.Context.Database.ExecuteSqlAsync($"SELECT 1", ct), cancellationToken: Token);
            host.Statistics.BusyCount.ShouldBe(0);
        }

        backends.Count.ShouldBe(1);
    }

    [Fact]
    public async Task OpenAsync_CommandTimeOut_IsNotTakenForExhaustion()
    {
        await using var host = await PoolHost.StartAsync(o => o.MaxSize = 1);

        var error = await Should.ThrowAsync<Exception>(async () => await host.Sessions.ReadRawAsync(
            (c, ct) => new NpgsqlCommand("SELECT pg_sleep(10)", c) { CommandTimeout = 1 }.ExecuteScalarAsync(ct),
            new DbSessionOptions { MaxRetryAttempts = 0 },
            Token));

        error.ShouldNotBeOfType<PoolExhaustedException>();
        host.Statistics.ExhaustedCount.ShouldBe(0);
    }

    [Fact]
    public async Task OpenAsync_IdleConnectionsKilledByTheServer_ArePingedAndReplaced()
    {
        await using var host = await PoolHost.StartAsync(o => o.PrePingAfter = TimeSpan.Zero);
        var first = await Backend(host);
        await using (var admin = new NpgsqlConnection(host.ConnectionString + ";Pooling=false"))
        {
            await admin.OpenAsync(Token);
            await new NpgsqlCommand($"SELECT pg_terminate_backend({first})", admin).ExecuteNonQueryAsync(Token);
        }

        (await Backend(host)).ShouldNotBe(first);
    }

    [Fact]
    public async Task StartAsync_WarmUpCount_LeavesThatManyIdle()
    {
        await using var host = await PoolHost.StartAsync(o => o.WarmUpCount = 3);

        await host.StartServicesAsync();
        await Backend(host);

        host.Statistics.IdleCount.ShouldBe(3);
    }

    // No retry: the first attempt must meet a living connection.
    private static async Task<int> Backend(PoolHost host) => await host.Sessions.ReadRawAsync(
        async (c, ct) => (int)(await new NpgsqlCommand("SELECT pg_backend_pid()", c).ExecuteScalarAsync(ct))!, new DbSessionOptions
        {
            MaxRetryAttempts = 0
        }, Token);

    private static async Task HoldForTheLeakTest(PoolHost host, Task until) =>
        await host.Sessions.ReadRawAsync(
            async (_, _) =>
            {
                await until;
                return 0;
            },
            new DbSessionOptions { Name = "the-name" },
            Token);

    private sealed class PoolHost : ILoggerProvider, ILogger, IAsyncDisposable
    {
        private readonly ServiceProvider _services;

        private PoolHost(string connectionString, Action<PoolOptions> configure)
        {
            ConnectionString = connectionString;
            var services = new ServiceCollection();
            services.AddLogging(l => l.AddProvider(this));
            services.AddDataResilience<LedgerContext>(o => o.ConnectionString = connectionString).AddPool(configure);
            _services = services.BuildServiceProvider();
        }

        public string ConnectionString { get; }

        public ConcurrentQueue<(int Id, string Text)> Entries { get; } = [];

        public IDbSessionFactory<LedgerContext> Sessions => _services.GetRequiredService<IDbSessionFactory<LedgerContext>>();

        public PoolStatistics Statistics => Monitor.GetStatistics().ShouldHaveSingleItem();

        private IPoolMonitor<LedgerContext> Monitor => _services.GetRequiredService<IPoolMonitor<LedgerContext>>();

        public static async Task<PoolHost> StartAsync(Action<PoolOptions> configure)
        {
            var host = new PoolHost(await TestDatabase.CreateAsync(), configure);
            await host.Sessions.ReadRawAsync((_, _) => Task.FromResult(0), cancellationToken: Token);
            return host;
        }

        public async Task StartServicesAsync()
        {
            foreach (var service in _services.GetServices<IHostedService>())
                await service.StartAsync(Token);
        }

        public Task<HealthCheckResult> HealthAsync() =>
            new PoolHealthCheck<LedgerContext>(Monitor).CheckHealthAsync(new HealthCheckContext(), Token);

        public async Task<string> WaitForEntryAsync(int id)
        {
            for (var i = 0; i < 500; i++)
            {
                if (Entries.FirstOrDefault(e => e.Id == id) is { Id: > 0 } entry)
                    return entry.Text;
                await Task.Delay(20, Token);
            }

            throw new TimeoutException($"No entry {id}.");
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            Entries.Enqueue((eventId.Id, formatter(state, exception)));

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => _services.DisposeAsync();
    }
}
