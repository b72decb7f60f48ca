using Data.Resilience.Outbox;
using Data.TestServers;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Data.Resilience.Tests.Outbox;

/// <summary>The outbox behind PgBouncer, which pools transactions and forwards no notifications.</summary>
public sealed class OutboxPoolingTests : IAsyncLifetime
{
    private PgBouncerServer? _bouncer;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _bouncer = await PgBouncerServer.StartAsync(
        await SharedServers.PostgresAsync(),
        new PgBouncerServerOptions { Settings = { ["ignore_startup_parameters"] = "extra_float_digits,options" } },
        Token);

    public async ValueTask DisposeAsync() => await _bouncer!.DisposeAsync();

    [Fact]
    public async Task Dispatch_WithoutADirectConnection_WarnsThatNotificationsAreSilentAndPolls()
    {
        await using var direct = await OutboxHost.CreateAsync();
        await using var host = OutboxHost.Connect(Through(direct));
        await host.StartAsync();
        await direct.AddAsync("key", "a", "b");

        await OutboxDispatcherTests.EmptyAsync(direct);
        host.Publisher.Payloads.ShouldBe(["a", "b"]);
        await Eventually.BeAsync(() => host.Log.Entries.Any(entry => entry.Id == 1706));
        var health = await OutboxDispatcherTests.CheckAsync(host);
        health.Status.ShouldBe(HealthStatus.Degraded);
        health.Data["notifications"].ShouldBe("silent");
    }

    [Fact]
    public async Task Dispatch_CommitInTheSameProcess_NeedsNoNotification()
    {
        await using var direct = await OutboxHost.CreateAsync();
        await using var host = OutboxHost.Connect(Through(direct), options => options.PollInterval = TimeSpan.FromMinutes(10));
        await host.StartAsync();
        await Eventually.BeAsync(() => host.Log.Entries.Any(entry => entry.Id == 1706));

        await host.AddAsync("key", "a");
        await Eventually.BeAsync(() => host.Publisher.Published.Count == 1);
    }

    [Fact]
    public async Task Dispatch_WithADirectConnectionForListen_IsWokenByOtherProcesses()
    {
        await using var direct = await OutboxHost.CreateAsync();
        await using var host = OutboxHost.Connect(Through(direct), options =>
        {
            options.ListenConnectionString = direct.ConnectionString;
            options.PollInterval = TimeSpan.FromMinutes(10);
        });
        await host.StartAsync();
        await Eventually.BeAsync(async () => await direct.ScalarAsync<long>(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'") == 1);
        await using var writer = OutboxHost.Connect(Through(direct), dispatches: false);

        for (var message = 1; message <= 3; message++)
        {
            await writer.AddAsync("key", "a");
            await Eventually.BeAsync(() => host.Publisher.Published.Count == message);
        }

        host.Log.Entries.ShouldNotContain(entry => entry.Id == 1706);
    }

    private string Through(OutboxHost host)
    {
        var settings = new NpgsqlConnectionStringBuilder(host.ConnectionString);
        return _bouncer!.ConnectionStringFor(settings.Database!, settings.Username, settings.Password);
    }
}
