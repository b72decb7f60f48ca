using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.Versioning;
using ConfigurationService.Tests.Service;
using Data.TestServers;

namespace ConfigurationService.Tests.Hosting;

/// <summary>The service as a stranger runs it: one process, a private PostgreSQL under ./data, killed and started again.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ProcessTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("configuration-service-process-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Transcript_WithInterruptAndKillBetween_LosesNothing()
    {
        string first, key;
        Guid id;
        await using (var service = await RunningService.StartAsync(_folder.FullName))
        {
            File.GetUnixFileMode(service.AdminKeyFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.GetUnixFileMode(Path.Combine(_folder.FullName, "data", "encryption.key"))
                .ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            key = await File.ReadAllTextAsync(service.AdminKeyFile, TestContext.Current.CancellationToken);
            service.Output.ShouldContain("/openapi/v1.json");
            service.Output.ShouldContain("/health");
            service.Output.ShouldContain(service.AdminKeyFile);
            service.Output.ShouldNotContain(key.Trim());
            (await service.Http.GetAsync("/health", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
            (await service.Http.GetAsync("/healthz", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
            (await service.Http.GetAsync("/health/ready", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);

            var made = (await service.Admin.PostAsync("/config/test-tenant", Tenants.Map("test-tenant"))).Expect(HttpStatusCode.Created);
            id = made.Json.GetProperty("map_providers")[0].GetProperty("id").GetGuid();
            first = made.Text;
            await service.Admin.PutAsync("/config/other/sms/twilio", new { api_key = "stays" });
            (await service.Admin.PostAsync("/documents", """{"documents":[{"id":"kept","text":"what was stored"}]}""")).Expect(
                HttpStatusCode.OK);
            (await service.InterruptAsync()).ShouldBe(0, service.Output);
        }

        await using (var service = await RunningService.StartAsync(_folder.FullName))
        {
            (await File.ReadAllTextAsync(service.AdminKeyFile, TestContext.Current.CancellationToken)).ShouldBe(key);
            (await service.Admin.GetAsync("/config/test-tenant")).Text.ShouldBe(first);
            (await service.Admin.PutAsync("/config/other/sms/twilio", new { api_key = "stays" })).Json.GetProperty("version").GetInt32()
                .ShouldBe(1, "its data key opens again");
            (await service.Admin.PostAsync("/config/test-tenant", Tenants.Map("test-tenant", enabled: false))).Expect(HttpStatusCode.OK);
            await service.KillAsync();
        }

        await using (var service = await RunningService.StartAsync(_folder.FullName))
        {
            (await service.Admin.GetAsync("/config/test-tenant")).Json.GetProperty("map_providers")[0].GetProperty("enabled").GetBoolean()
                .ShouldBeFalse();
            (await service.Admin.PostAsync("/config/test-tenant/rollback", new { config_id = id, version = 1 })).Expect(HttpStatusCode.OK);
            await service.KillAsync();
        }

        await using (var service = await RunningService.StartAsync(_folder.FullName))
        {
            (await service.Admin.GetAsync("/config/test-tenant")).Json.GetProperty("map_providers")[0].GetProperty("enabled").GetBoolean()
                .ShouldBeTrue();
            var history = (await service.Admin.GetAsync("/config/test-tenant/history")).Json.GetProperty("history");
            history.EnumerateArray().Select(static e => e.GetProperty("change_type").GetString())
                .ShouldBe(["enabled", "disabled", "created"]);
            (await service.Admin.PostAsync("/documents/search", new { query = "what was stored" })).Json.GetProperty("matches")[0]
                .GetProperty("id")
                .GetString()
                .ShouldBe("kept");
            (await service.Admin.GetAsync("/config/test-tenant/history/verify")).Json.GetProperty("intact").GetBoolean().ShouldBeTrue();
        }
    }

    [Fact]
    public async Task Killed_WhileWriting_KeepsEveryAcknowledgedWriteAndAnIntactHistory()
    {
        var acknowledged = 0;
        await using (var service = await RunningService.StartAsync(_folder.FullName))
        {
            var writing = Task.Run(async () =>
            {
                try
                {
                    for (var i = 1; ; i++)
                    {
                        if ((await service.Admin.PutAsync("/config/t/map/here", new { config = new { i } }))
                            .Status is HttpStatusCode.OK or HttpStatusCode.Created)
                        {
                            Volatile.Write(ref acknowledged, i);
                        }
                    }
                }
                catch (HttpRequestException)
                {
                    // The service is gone.
                }
            });
            while (Volatile.Read(ref acknowledged) < 20 && !writing.IsCompleted)
                await Task.Delay(10, TestContext.Current.CancellationToken);
            await service.KillAsync();
            await writing;
        }

        await using (var service = await RunningService.StartAsync(_folder.FullName))
        {
            acknowledged.ShouldBeGreaterThanOrEqualTo(20);
            var stored = (await service.Admin.GetAsync("/config/t/map/here")).Json;
            stored.GetProperty("config").GetProperty("i").GetInt32().ShouldBeInRange(acknowledged, acknowledged + 1);
            (await service.Admin.GetAsync("/config/t/history/verify")).Json.GetProperty("intact").GetBoolean().ShouldBeTrue();
        }
    }

    [Fact]
    public async Task EmbeddedPostgres_Killed_IsStartedAgainWithAllData()
    {
        await using var service = await RunningService.StartAsync(_folder.FullName);
        (await service.Admin.PutAsync("/config/t/map/here", new { })).Expect(HttpStatusCode.Created);
        for (var round = 0; round < 2; round++)
        {
            var before = ServerProcess();
            Process.GetProcessById(before).Kill();
            await Eventually.BeAsync(
                async () => (await service.Admin.PostAsync("/config/t/map/here/enable")).Status == HttpStatusCode.OK
                    && ServerProcess() != before,
                seconds: 60);
        }

        (await service.InterruptAsync()).ShouldBe(0, service.Output);
        service.Output.ShouldContain("The private PostgreSQL is gone");

        int ServerProcess()
        {
            var file = Path.Combine(_folder.FullName, "data", "postgres", "data", "postmaster.pid");
            return File.Exists(file)
                && int.TryParse(File.ReadLines(file).FirstOrDefault(), CultureInfo.InvariantCulture, out var id) ? id : 0;
        }
    }

    [Fact]
    public async Task Help_TellsTheSwitchesAndSettings()
    {
        var (exitCode, output) = await RunningService.RunAsync(_folder.FullName, ["--help"]);
        exitCode.ShouldBe(0);
        output.ShouldContain("--migrate");
        output.ShouldContain("ConnectionStrings__Postgres");
        Directory.Exists(Path.Combine(_folder.FullName, "data")).ShouldBeFalse();
    }

    [Fact]
    public async Task Migrate_PreparesTheDatabaseAndEnds()
    {
        var (exitCode, output) = await RunningService.RunAsync(_folder.FullName, ["--migrate"]);
        exitCode.ShouldBe(0, output);
        File.Exists(Path.Combine(_folder.FullName, "data", "admin.key")).ShouldBeTrue();
    }

    [Fact]
    public async Task WrongSettings_EndTheStartNamingEachOfThem()
    {
        var (exitCode, output) = await RunningService.RunAsync(_folder.FullName, [], ("PORT", "x"), ("Cache__TtlSeconds", "-1"));
        exitCode.ShouldBe(78);
        output.ShouldContain("PORT: 'x'");
        output.ShouldContain("Cache:TtlSeconds: '-1'");
        output.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task AnotherEncryptionKey_IsRefusedBecauseTheSecretsWouldBeLost()
    {
        await RunningService.RunAsync(_folder.FullName, ["--migrate"]);
        var file = Path.Combine(_folder.FullName, "data", "encryption.key");
        File.Delete(file);
        var (exitCode, output) = await RunningService.RunAsync(_folder.FullName, []);
        exitCode.ShouldBe(78);
        output.ShouldContain("Encryption:Key: this is not the key");
    }

    [Fact]
    public async Task KeyFileThatOthersMayRead_IsRefused()
    {
        await RunningService.RunAsync(_folder.FullName, ["--migrate"]);
        File.SetUnixFileMode(Path.Combine(_folder.FullName, "data", "admin.key"), UnixFileMode.UserRead | UnixFileMode.OtherRead);
        var (exitCode, output) = await RunningService.RunAsync(_folder.FullName, []);
        exitCode.ShouldBe(78);
        output.ShouldContain("chmod 600");
    }
}
