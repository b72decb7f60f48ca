using Data.Health.Contributors.Network;
using Data.Health.Contributors.Stores;
using Data.TestServers;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Data.Health.Tests.Contributors;

public sealed class RealServerTests
{
    private static readonly HealthCheckContext Context = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PostgreSql_Primary_TellsRoleLatencyAndPoolOverOneKeptConnection()
    {
        var server = await SharedServers.PostgresAsync();
        await using var source = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(server.ConnectionString) { MaxPoolSize = 7, ApplicationName = "health-kept" });
        await using var check = new PostgreSqlCheck(source, new PostgreSqlHealthOptions { PoolName = "health-kept" }, TimeProvider.System);
        for (var i = 0; i < 5; i++)
        {
            var result = await check.CheckHealthAsync(Context, Cancellation);
            result.Status.ShouldBe(HealthStatus.Healthy);
            result.Data["role"].ShouldBe("primary");
            result.Data["latency_ms"].ShouldBeOfType<double>().ShouldBeGreaterThan(0);
            result.Data["pool_max"].ShouldBe(7L);
            result.Data["pool_used"].ShouldBe(1L);
        }

        (await server.QueryAsync("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'health-kept'", Cancellation)).ShouldBe(
            1L);
    }

    [Fact]
    public async Task PostgreSql_PoolExhausted_IsDegradedAndStillAnswers()
    {
        var server = await SharedServers.PostgresAsync();
        await using var source = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(server.ConnectionString) { MaxPoolSize = 3, ApplicationName = "health-full" });
        await using var check = new PostgreSqlCheck(source, new PostgreSqlHealthOptions { PoolName = "health-full" }, TimeProvider.System);
        (await check.CheckHealthAsync(Context, Cancellation)).Status.ShouldBe(HealthStatus.Healthy);

        await using var first = await source.OpenConnectionAsync(Cancellation);
        await using var second = await source.OpenConnectionAsync(Cancellation);
        (await check.CheckHealthAsync(Context, Cancellation)).Data["reason"].ShouldBe("pool_filling");
    }

    [Fact]
    public async Task PostgreSql_ItsConnectionWasClosed_OpensAnother()
    {
        var server = await SharedServers.PostgresAsync();
        await using var source = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(server.ConnectionString) { ApplicationName = "health-cut" });
        await using var check = new PostgreSqlCheck(source, new PostgreSqlHealthOptions(), TimeProvider.System);
        await check.CheckHealthAsync(Context, Cancellation);
        await server.ExecuteAsync(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'health-cut'",
            Cancellation);
        (await check.CheckHealthAsync(Context, Cancellation)).Status.ShouldBe(HealthStatus.Healthy);
    }

    [Fact]
    public async Task PostgreSql_PooledConnection_IsGivenBack()
    {
        var server = await SharedServers.PostgresAsync();
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server.ConnectionString) { MaxPoolSize = 1 });
        await using var check = new PostgreSqlCheck(
            source,
            new PostgreSqlHealthOptions { Connection = HealthConnection.Pooled },
            TimeProvider.System);
        await check.CheckHealthAsync(Context, Cancellation);
        await using var connection = await source.OpenConnectionAsync(Cancellation);
    }

    [Fact]
    public async Task PostgreSql_Replica_TellsLagAndRoleUntilPromoted()
    {
        await using var server = await PostgresServer.StartAsync(new PostgresServerOptions { Replica = true }, Cancellation);
        await using var source = NpgsqlDataSource.Create(server.Replica!.ConnectionString);
        await using var check = new PostgreSqlCheck(source, new PostgreSqlHealthOptions(), TimeProvider.System);
        await using var strict = new PostgreSqlCheck(
            source,
            new PostgreSqlHealthOptions { Role = HealthServerRole.Primary },
            TimeProvider.System);

        await StreamsAsync(check);
        var result = await check.CheckHealthAsync(Context, Cancellation);
        result.Data["role"].ShouldBe("replica");
        result.Data["replication_lag_seconds"].ShouldBeOfType<double>();
        (await strict.CheckHealthAsync(Context, Cancellation)).Data["reason"].ShouldBe("read_only");

        await server.Replica.PromoteAsync(Cancellation);
        (await strict.CheckHealthAsync(Context, Cancellation)).Status.ShouldBe(HealthStatus.Healthy);
    }

    [Fact]
    public async Task PostgreSql_ReplicaLosesItsPrimary_IsDegraded()
    {
        await using var server = await PostgresServer.StartAsync(new PostgresServerOptions { Replica = true }, Cancellation);
        await using var source = NpgsqlDataSource.Create(server.Replica!.ConnectionString);
        await using var check = new PostgreSqlCheck(source, new PostgreSqlHealthOptions(), TimeProvider.System);
        await StreamsAsync(check);
        await server.KillAsync();
        await Eventually.BeAsync(
            async () => (await check.CheckHealthAsync(Context, Cancellation)).Data
                .GetValueOrDefault("reason") is "replication_stopped", "degraded");
    }

    [Fact]
    public async Task Redis_RealServer_TellsRoleMemoryAndVersion()
    {
        await using var server = await RedisServer.StartAsync(new RedisServerOptions { Password = "pw-of-a-test" }, Cancellation);
        await using var check = new RedisCheck(
            new RedisHealthOptions { Port = server.Port, Password = server.Password },
            TimeProvider.System);
        var result = await check.CheckHealthAsync(Context, Cancellation);
        result.Status.ShouldBe(HealthStatus.Healthy);
        result.Data["role"].ShouldBe("primary");
        result.Data["used_memory_bytes"].ShouldBeOfType<long>().ShouldBeGreaterThan(0);
        result.Data["version"].ShouldBeOfType<string>();

        await server.RestartAsync(Cancellation);
        (await check.CheckHealthAsync(Context, Cancellation)).Status.ShouldBe(HealthStatus.Healthy);

        await using var wrong = new RedisCheck(new RedisHealthOptions { Port = server.Port, Password = "wrong" }, TimeProvider.System);
        (await wrong.CheckHealthAsync(Context, Cancellation)).Data["reason"].ShouldBe("access_denied");
    }

    [Fact]
    public async Task Chroma_RealServer_TellsItsVersion()
    {
        var server = await SharedServers.ChromaAsync();
        using var client = BoundedHttp.NewClient();
        var result = await new ChromaCheck(client, BoundedHttp.Folder(server.BaseAddress), prepare: null).CheckHealthAsync(
            Context,
            Cancellation);
        result.Status.ShouldBe(HealthStatus.Healthy);
        result.Data["version"].ShouldBeOfType<string>();
    }

    /// <summary>A replica that has just started takes a moment to find its primary.</summary>
    private static Task StreamsAsync(PostgreSqlCheck check) => Eventually.BeAsync(
        async () => (await check.CheckHealthAsync(Context, Cancellation)).Status == HealthStatus.Healthy, "the replica streams");
}
