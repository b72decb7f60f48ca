using System.Net;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using ConfigurationService.Keys;
using ConfigurationService.Tests.Hosting;
using Data.TestServers;

namespace ConfigurationService.Tests.Observability;

/// <summary>Metrics and traces of the real binary.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class TelemetryProcessTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("configuration-service-telemetry-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Collector_ReceivesTracesAndMetricsOfAllParts_AndNoSecret()
    {
        await using var collector = await Collector.StartAsync();
        string[] secrets;
        await using (var service = await RunningService.StartAsync(
            _folder.FullName,
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "500"),
            ("OTEL_BSP_SCHEDULE_DELAY", "200")))
        {
            secrets =
            [
                $"secret-{Guid.NewGuid():n}",
                (await File.ReadAllTextAsync(service.AdminKeyFile, Cancellation)).Trim(),
                (await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "data", "encryption.key"), Cancellation)).Trim(),
                (await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "data", "postgres", "password"), Cancellation)).Trim(),
                "SCRAM-SHA-256$",
            ];
            // Routing takes any case and a slash at the end, and the probes among the requests are to stay untraced all the same.
            foreach (var probe in (string[])["/HEALTH/live", "/healthz/", "/Metrics/"])
                (await service.Admin.GetAsync(probe)).Expect(HttpStatusCode.OK);
            (await service.Admin.PutAsync("/config/traced/sms/twilio", new { api_key = secrets[0] })).Expect(HttpStatusCode.Created);
            (await service.Admin.PostAsync("/documents", """{"documents":[{"id":"a","text":"traced"}]}""")).Expect(HttpStatusCode.OK);
            foreach (var source in (string[])["Microsoft.AspNetCore", "Npgsql", "Data.Resilience", "Data.Vector"])
                await collector.HearsAsync("traces", source);
            foreach (var meter in (string[])[
                "Microsoft.AspNetCore.Hosting", "Npgsql", "System.Runtime", "Data.Resilience", "Data.Cache", "Data.Vector", "Data.Health"])
            {
                await collector.HearsAsync("metrics", meter);
            }

            await collector.HearsAsync("traces", "/config/{tenant}/{type}/{name}");
            (await service.InterruptAsync()).ShouldBe(0, service.Output);
        }

        foreach (var probe in (string[])["/HEALTH/live", "/healthz/", "/Metrics/"])
            collector.Texts.ShouldNotContain(text => text.Contains(probe, StringComparison.Ordinal), probe);
        foreach (var secret in secrets)
            collector.Texts.ShouldNotContain(text => text.Contains(secret, StringComparison.Ordinal), secret[..6]);
    }

    [Fact]
    public async Task Metrics_WhileTheDatabaseIsFrozen_AnswerAtOnce()
    {
        await using var postgres = await PostgresServer.StartAsync(cancellationToken: Cancellation);
        await using var service = await RunningService.StartAsync(
            _folder.FullName,
            ("ConnectionStrings__Postgres", postgres.ConnectionString),
            ("Encryption__Key", Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))),
            ("Keys__Admin", ApiKeySecret.Create()),
            ("Cache__KeyTtlSeconds", "300"));
        // The first call looks the key up.
        while ((await service.Admin.GetAsync("/metrics")).Status != HttpStatusCode.OK)
            await Task.Delay(100, Cancellation);
        postgres.Freeze();
        try
        {
            for (var i = 0; i < 3; i++)
            {
                // Long enough for a loaded machine, shorter than the time-out of a statement.
                var answer = await service.Admin.GetAsync("/metrics").WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
                Exposition.Parse(answer.Text).Meters.ShouldContain("Npgsql");
            }
        }
        finally
        {
            postgres.Resume();
        }
    }
}
