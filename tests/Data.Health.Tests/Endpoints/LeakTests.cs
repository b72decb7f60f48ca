using Data.Health.Tests.Support;
using Data.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Data.Health.Tests.Endpoints;

/// <summary>
/// Breaks every dependency and searches every answer for what must never leave the process, with details open to everybody.
/// </summary>
public sealed class LeakTests
{
    private const string Secret = "hunter2hunter2";
    private static readonly string[] Forbidden =
        [
            "127.0.0.1", "localhost", Secret, "leaky", "Exception", "refused it",
            "Connection refused", "at Data.", "Host=", "GARBAGE", "/nowhere",
        ];

    [Theory]
    [InlineData("refuse")]
    [InlineData("hang")]
    [InlineData("garbage")]
    public async Task Get_EveryDependencyBroken_NoFormatTellsWhatItMustNot(string fault)
    {
        await using var server = new StandIn(_ => fault == "hang" ? null : "GARBAGE leaky 127.0.0.1\r\n\r\n");
        var port = server.Port;
        if (fault == "refuse")
            await server.DisposeAsync();
        await using var source = NpgsqlDataSource.Create(
            $"Host=127.0.0.1;Port={port};Username=leakyuser;Password={Secret};Database=leakydb;SSL Mode=Disable");
        await using var app = await HealthApp.StartAsync(
            b => AddEverything(b, source, port),
            o => (o.Defaults.Period, o.Defaults.Timeout) = (TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(300)));

        string[] names = ["pg", "migrations", "redis", "chroma", "search", "http", "tcp", "cert", "vectors", "foreign", "ping"];
        foreach (var name in names)
        {
            await Eventually.BeAsync(
                async () => !(await app.GetAsync("/health/" + name)).Body.Contains("not_evaluated", StringComparison.Ordinal),
                name);
        }

        await Task.Delay(700, TestContext.Current.CancellationToken);

        foreach (var path in names.Select(n => "/health/" + n)
            .Concat(["/health", "/healthz", "/health/ready", "/health/live", "/health/startup", "/health/ui/data"]))
        {
            foreach (var accept in (string[])["text/plain", "application/json", "application/health+json"])
            {
                var (status, body) = await app.GetAsync(path, accept);
                if (names.Contains(path.Split('/')[^1]))
                    status.ShouldBe(503, path);
                foreach (var word in Forbidden)
                    body.ShouldNotContain(word, Case.Insensitive, $"{path} as {accept}");
            }
        }
    }

    private static void AddEverything(DataHealthBuilder builder, NpgsqlDataSource source, int port)
    {
        var address = new Uri($"http://127.0.0.1:{port}/");
        builder
            .AddPostgreSql("pg", _ => source)
            .AddPendingMigrations("migrations", async (_, ct) =>
            {
                await using var connection = await source.OpenConnectionAsync(ct);
                return 0;
            }, c => c.Period = TimeSpan.FromMilliseconds(200))
            .AddRedis("redis", o => (o.Port, o.Password) = (port, Secret))
            .AddChroma("chroma", address)
            .AddElasticsearch("search", address, r => r.Headers.Add("X-Secret", Secret))
            .AddHttp("http", address)
            .AddTcp("tcp", "127.0.0.1", 1)
            .AddCertificate("cert", o => o.FilePath = "/nowhere/leaky.pem", c => c.Critical = true)
            .AddVectorStore("vectors", (_, _) => throw new IOException("leaky vector store at 127.0.0.1"), (_, _) => Task.CompletedTask)
            .AddPing("ping", (_, _) => throw new InvalidOperationException("leaky"))
            .AddContributor("foreign", _ => new SwitchCheck
            {
                Answer = _ => Task.FromResult(HealthCheckResult.Unhealthy(
                    $"Host=127.0.0.1;Password={Secret}",
                    new InvalidOperationException("leaky"),
                    new Dictionary<string, object>
                    {
                        ["server"] = "127.0.0.1",
                        ["text"] = "leaky thing",
                        ["error"] = new IOException("leaky"),
                        ["reason"] = "leaky words"
                    })),
            });
    }
}
