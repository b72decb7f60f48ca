using Data.Resilience.CircuitBreaking;
using Data.Resilience.Connections;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Data.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Polly.CircuitBreaker;

namespace Data.Resilience.Tests.Sessions;

public sealed class DbHealthCheckTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CheckHealthAsync_DatabaseAnswers_IsHealthy()
    {
        await using var bank = await BankDatabase.CreateAsync();
        (await CheckAsync(new DbSessionHealthCheck<Bank>(bank.Sessions))).Status.ShouldBe(HealthStatus.Healthy);
    }

    [Fact]
    public async Task CheckHealthAsync_DatabaseGone_FailsWithoutSayingWhere()
    {
        var server = await SharedServers.PostgresAsync();
        await using var proxy = await FaultProxy.StartAsync(server);
        proxy.RefuseNewConnections();
        await using var bank = BankDatabase.Connect(
            new NpgsqlConnectionStringBuilder(server.ConnectionString) { Port = proxy.Port }.ConnectionString);

        var result = await CheckAsync(new DbSessionHealthCheck<Bank>(bank.Sessions));

        result.Status.ShouldBe(HealthStatus.Degraded);
        result.Exception.ShouldBeNull();
        var told = result.Description + string.Join(' ', result.Data.Values);
        told.ShouldNotContain("127.0.0.1");
        told.ShouldNotContain(proxy.Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task CheckHealthAsync_ServerRefuses_TellsTheSqlState()
    {
        var server = await SharedServers.PostgresAsync();
        await using var bank = BankDatabase.Connect(
            new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = "absent" }.ConnectionString);

        (await CheckAsync(new DbSessionHealthCheck<Bank>(bank.Sessions))).Data["sqlState"].ShouldBe("3D000");
    }

    [Fact]
    public async Task CheckHealthAsync_CircuitIsolated_FailsAtOnceAndClosesAgain()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var circuit = bank.Keyed<IDatabaseCircuit>();
        var check = new DbCircuitHealthCheck<Bank>(bank.Services);
        (await CheckAsync(check)).Status.ShouldBe(HealthStatus.Healthy);

        await circuit.IsolateAsync(Token);
        var isolated = await CheckAsync(check);
        isolated.Status.ShouldBe(HealthStatus.Degraded);
        isolated.Data["state"].ShouldBe(nameof(CircuitState.Isolated));
        isolated.Data.Keys.ShouldNotContain("retryAfterMs");
        (await CheckAsync(new DbSessionHealthCheck<Bank>(bank.Sessions))).Description.ShouldBe("The circuit is open.");

        await circuit.CloseAsync(Token);
        (await CheckAsync(check)).Status.ShouldBe(HealthStatus.Healthy);
    }

    [Fact]
    public async Task CheckHealthAsync_CircuitOpenAndBreakOver_IsTheProbeThatClosesIt()
    {
        var time = new FakeTimeProvider();
        await using var bank = await BankDatabase.CreateAsync(
            options => options.CircuitBreaker.MinimumThroughput = 2, builder => builder.Services.AddSingleton<TimeProvider>(time));
        var circuit = bank.Keyed<DatabaseNode>().Circuit;
        for (var session = 0; session < 2; session++)
            await circuit.ReportAsync(CircuitPermit.Normal, faults: 1, TimeSpan.Zero);

        var open = await CheckAsync(new DbCircuitHealthCheck<Bank>(bank.Services));
        open.Data["state"].ShouldBe(nameof(CircuitState.Open));
        ((double)open.Data["retryAfterMs"]).ShouldBe(100);
        var refused = await CheckAsync(new DbSessionHealthCheck<Bank>(bank.Sessions));
        refused.Description.ShouldBe("The circuit is open.", "A health check does not wait as other calls do.");
        ((double)refused.Data["retryAfterMs"]).ShouldBe(100);

        time.Advance(TimeSpan.FromMilliseconds(100));
        (await CheckAsync(new DbSessionHealthCheck<Bank>(bank.Sessions))).Status.ShouldBe(HealthStatus.Healthy);
        circuit.State.ShouldBe(CircuitState.Closed);
    }

    private static Task<HealthCheckResult> CheckAsync(IHealthCheck check) => check.CheckHealthAsync(
        new HealthCheckContext { Registration = new HealthCheckRegistration("database", check, HealthStatus.Degraded, tags: null) }, Token);
}
