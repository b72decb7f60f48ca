using Data.Health.Contributors.Network;
using Data.Health.Contributors.Stores;
using Data.Health.Tests.Support;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Tests.Contributors;

public sealed class StoreCheckTests
{
    private static readonly HealthCheckContext Context = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"status":"green","number_of_nodes":3,"unassigned_shards":0}""", HealthStatus.Healthy, null)]
    [InlineData("""{"status":"yellow","number_of_nodes":1,"unassigned_shards":2}""", HealthStatus.Degraded, "cluster_yellow")]
    [InlineData("""{"status":"red"}""", HealthStatus.Unhealthy, "cluster_red")]
    [InlineData("""{"status":"purple"}""", HealthStatus.Unhealthy, "unexpected_answer")]
    [InlineData("""{"status":7}""", HealthStatus.Unhealthy, "unexpected_answer")]
    [InlineData("[]", HealthStatus.Unhealthy, "unexpected_answer")]
    [InlineData("<html>garbage at db.internal</html>", HealthStatus.Unhealthy, "unexpected_answer")]
    public async Task Elasticsearch_ClusterAnswers_IsJudgedByItsColour(string body, HealthStatus status, string? reason)
    {
        await using var server = new StandIn(_ => StandIn.Http(body));
        var result = await CheckElasticsearchAsync(server);
        result.Status.ShouldBe(status);
        result.Data.GetValueOrDefault("reason").ShouldBe(reason);
    }

    [Fact]
    public async Task Elasticsearch_Unauthorized_SaysSo()
    {
        await using var server = new StandIn(_ => StandIn.Http("{}", "401 Unauthorized"));
        (await CheckElasticsearchAsync(server)).Data["reason"].ShouldBe("access_denied");
    }

    [Fact]
    public async Task Elasticsearch_EndlessBody_IsCutOff()
    {
        await using var server = new StandIn(_ => "HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n" + new string('x', 100_000));
        (await CheckElasticsearchAsync(server)).Data["reason"].ShouldBe("unexpected_answer");
    }

    [Fact]
    public async Task Elasticsearch_Hangs_TimesOut()
    {
        await using var server = new StandIn(_ => null);
        using var client = BoundedHttp.NewClient();
        var contributor = TestContributor.Of(
            new ElasticsearchCheck(client, server.Address, prepare: null),
            c => c.Timeout = TimeSpan.FromMilliseconds(100));
        await contributor.EvaluateAsync(Cancellation);
        contributor.Read().Reason.ShouldBe("timed_out");
    }

    [Fact]
    public async Task Chroma_HeartbeatAndVersion_IsHealthyOverOneConnection()
    {
        await using var server = new StandIn(
            r => StandIn.Http(r.Contains("/version", StringComparison.Ordinal) ? "\"1.0.5\"" : """{"nanosecond heartbeat":1}"""));
        using var client = BoundedHttp.NewClient();
        var check = new ChromaCheck(client, server.Address, prepare: null);
        for (var i = 0; i < 5; i++)
        {
            (await check.CheckHealthAsync(Context, Cancellation)).ShouldSatisfyAllConditions(
                r => r.Status.ShouldBe(HealthStatus.Healthy),
                r => r.Data["version"].ShouldBe("1.0.5"));
        }

        server.Connections.ShouldBe(1);
    }

    [Fact]
    public async Task Chroma_AnotherServer_IsUnhealthy()
    {
        await using var server = new StandIn(_ => StandIn.Http("{}"));
        using var client = BoundedHttp.NewClient();
        (await new ChromaCheck(client, server.Address, prepare: null).CheckHealthAsync(Context, Cancellation)).Data["reason"]
            .ShouldBe("unexpected_answer");
    }

    [Fact]
    public async Task Redis_PongAndInfo_IsHealthyOverOneKeptConnection()
    {
        await using var server = Redis(
            "role:master\r\nused_memory:50\r\nmaxmemory:100\r\nmaxmemory_policy:noeviction\r\nevicted_keys:3\r\nredis_version:7.0.15\r\n");
        await using var check = NewRedis(server);
        for (var i = 0; i < 5; i++)
        {
            var result = await check.CheckHealthAsync(Context, Cancellation);
            result.Status.ShouldBe(HealthStatus.Healthy);
            result.Data["role"].ShouldBe("primary");
            result.Data["evicted_keys"].ShouldBe(3L);
            result.Data["version"].ShouldBe("7.0.15");
        }

        server.Connections.ShouldBe(1);
    }

    [Theory]
    [InlineData(
        "role:master\r\nused_memory:95\r\nmaxmemory:100\r\nmaxmemory_policy:noeviction\r\n",
        HealthStatus.Degraded,
        "memory_filling")]
    [InlineData("role:master\r\nused_memory:95\r\nmaxmemory:100\r\nmaxmemory_policy:allkeys-lru\r\n", HealthStatus.Healthy, null)]
    [InlineData("role:slave\r\nmaster_link_status:down\r\n", HealthStatus.Degraded, "replication_stopped")]
    [InlineData("role:slave\r\nmaster_link_status:up\r\n", HealthStatus.Healthy, null)]
    public async Task Redis_Info_IsJudged(string info, HealthStatus status, string? reason)
    {
        await using var server = Redis(info);
        await using var check = NewRedis(server);
        var result = await check.CheckHealthAsync(Context, Cancellation);
        result.Status.ShouldBe(status);
        result.Data.GetValueOrDefault("reason").ShouldBe(reason);
    }

    [Theory]
    [InlineData("-LOADING Redis is loading\r\n", "loading")]
    [InlineData("-NOAUTH Authentication required.\r\n", "access_denied")]
    [InlineData("-ERR secret words\r\n", "refused")]
    public async Task Redis_RefusesPing_IsUnhealthyWithACode(string reply, string reason)
    {
        await using var server = new StandIn(_ => reply);
        await using var check = NewRedis(server);
        var result = await check.CheckHealthAsync(Context, Cancellation);
        result.Status.ShouldBe(HealthStatus.Unhealthy);
        result.Data["reason"].ShouldBe(reason);
        result.Description!.ShouldNotContain("secret");
    }

    [Fact]
    public async Task Redis_MayOnlyPing_IsHealthy()
    {
        await using var server = new StandIn(r => r.Contains("PING", StringComparison.Ordinal) ? "+PONG\r\n" : "-NOPERM no\r\n");
        await using var check = NewRedis(server);
        (await check.CheckHealthAsync(Context, Cancellation)).Status.ShouldBe(HealthStatus.Healthy);
    }

    [Fact]
    public async Task Redis_Garbage_Throws()
    {
        await using var server = new StandIn(_ => "HTTP/1.1 400 Bad Request\r\n");
        await using var check = NewRedis(server);
        await Should.ThrowAsync<IOException>(() => check.CheckHealthAsync(Context, Cancellation));
    }

    private static async Task<HealthCheckResult> CheckElasticsearchAsync(StandIn server)
    {
        using var client = BoundedHttp.NewClient();
        return await new ElasticsearchCheck(client, server.Address, prepare: null).CheckHealthAsync(Context, Cancellation);
    }

    private static StandIn Redis(string info) =>
        new(r => r.Contains("PING", StringComparison.Ordinal) ? "+PONG\r\n" : $"${info.Length}\r\n{info}\r\n");

    private static RedisCheck NewRedis(StandIn server) => new(new RedisHealthOptions { Port = server.Port }, TimeProvider.System);
}
