using System.Net;
using ConfigurationService.Tests.Persistence;
using ConfigurationService.Tests.Service;
using Data.TestServers;

namespace ConfigurationService.Tests.Changes;

/// <summary>
/// What anybody changes by whatever means is fresh on every instance at once, without Redis and long before anything expires.
/// </summary>
public sealed class ChangeFeedTests : IAsyncLifetime
{
    // Far below the five minutes after which an entry expires; the promise on a calm machine is 50 ms.
    private const int Seconds = 5;

    private ServiceDatabase _one = null!;
    private ServiceDatabase _other = null!;

    public async ValueTask InitializeAsync()
    {
        _one = await ServiceDatabase.StartAsync();
        _other = await _one.StartAnotherAsync();
        await Eventually.BeAsync(async () => await ListenersAsync() is 2L);
    }

    public async ValueTask DisposeAsync()
    {
        await _other.DisposeAsync();
        await _one.DisposeAsync();
    }

    [Fact]
    public async Task PlainSql_OnProvidersOfSeveralTenants_IsFreshOnEveryInstance()
    {
        foreach (var tenant in (string[])["a", "b"])
            (await _one.Admin.PutAsync($"/config/{tenant}/map/here", new { enabled = true })).Expect(HttpStatusCode.Created);
        await SeeAsync("/config/a/map/here", "enabled", "True");
        await SeeAsync("/config/b/map/here", "enabled", "True");

        await _one.SqlAsync("UPDATE provider_configs SET enabled = false WHERE tenant_id = 'a'");
        await SeeAsync("/config/a/map/here", "enabled", "False");
        await _one.SqlAsync("UPDATE provider_configs SET priority = 'tertiary'");
        await SeeAsync("/config/a/map/here", "priority", "tertiary");
        await SeeAsync("/config/b/map/here", "priority", "tertiary");
        await _one.SqlAsync("DELETE FROM provider_configs");
        await SeeAsync("/config/b/map/here", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Write_OnOneInstance_IsFreshOnTheOther()
    {
        await SeeAsync("/api/v1/config/checkout", HttpStatusCode.NotFound);
        (await _one.Admin.PostAsync("/api/v1/config/checkout", new { config = new { a = 1 } })).Expect(HttpStatusCode.Created);
        await SeeAsync("/api/v1/config/checkout", "version", "1");
        await _one.SqlAsync("UPDATE service_configs SET description = 'by sql'");
        await SeeAsync("/api/v1/config/checkout", "description", "by sql");
        (await _one.Admin.DeleteAsync("/api/v1/config/checkout")).Expect(HttpStatusCode.NoContent);
        await SeeAsync("/api/v1/config/checkout", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Key_DeletedOnOneInstance_StopsWorkingOnTheOther()
    {
        var made = (await _one.Admin.PostAsync("/admin/keys", new { name = "k", tenant_id = "t", scopes = new[] { "read" } })).Json;
        var client = new ServiceClient(_other.CreateClient(), made.GetProperty("key").GetString());
        (await client.GetAsync("/providers")).Expect(HttpStatusCode.OK);
        (await _one.Admin.DeleteAsync($"/admin/keys/{made.GetProperty("id").GetString()}")).Expect(HttpStatusCode.NoContent);
        await Eventually.BeAsync(async () => (await client.GetAsync("/providers")).Status == HttpStatusCode.Unauthorized, seconds: Seconds);
    }

    [Fact]
    public async Task Connection_ThatIsLost_IsReplacedAndEverythingReadAnew()
    {
        (await _one.Admin.PutAsync("/config/a/map/here", new { })).Expect(HttpStatusCode.Created);
        await SeeAsync("/config/a/map/here", "enabled", "True");
        // No notice of this one: the triggers are off, and nobody listens either.
        await _one.SqlAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '% feed'; "
            + "SET session_replication_role = replica; UPDATE provider_configs SET enabled = false");
        await SeeAsync("/config/a/map/here", "enabled", "False");
        await Eventually.BeAsync(async () => await ListenersAsync() is 2L);
        await _one.SqlAsync("UPDATE provider_configs SET enabled = true");
        await SeeAsync("/config/a/map/here", "enabled", "True");
    }

    [Fact]
    public async Task Notices_OfStrangers_DoNoHarm()
    {
        (await _one.Admin.PutAsync("/config/a/map/here", new { })).Expect(HttpStatusCode.Created);
        foreach (var payload in (string[])["", "{", "{}", "null", """{"table":"x","scope":"y"}""", """{"table":"provider_configs"}"""])
            await _one.SqlAsync($"SELECT pg_notify('configuration_changes', '{payload}')");
        await _one.SqlAsync("UPDATE provider_configs SET enabled = false");
        await SeeAsync("/config/a/map/here", "enabled", "False");
    }

    [Fact]
    public async Task PreconditionFailed_DropsWhatItComparedWith()
    {
        var read = (await _one.Admin.PutAsync("/config/a/map/here", new { })).Expect(HttpStatusCode.Created);
        (await _one.Admin.GetAsync("/config/a/map/here")).Tag.ShouldBe(read.Tag);
        (await _one.Admin.GetAsync("/config/a")).Expect(HttpStatusCode.OK);
        await _one.Admin.PostAsync("/api/v1/config/s", new { config = new { } });
        (await _one.Admin.GetAsync("/api/v1/config/s")).Tag.ShouldBe("\"1\"");
        // Without a notice, as when the connection that hears them is just being replaced.
        await _one.SqlAsync("SET session_replication_role = replica; UPDATE provider_configs SET version = 4; "
            + "UPDATE service_configs SET version = 4");

        (await _one.Admin.PatchAsync("/config/a/map/here", new { enabled = false }, ("If-Match", read.Tag!)))
            .Expect(HttpStatusCode.PreconditionFailed);
        (await _one.Admin.GetAsync("/config/a/map/here", ("If-None-Match", read.Tag!))).Expect(HttpStatusCode.OK).Tag.ShouldBe("\"4\"");
        (await _one.Admin.PostAsync("/api/v1/config/s", new { config = new { } }, ("If-Match", "\"1\"")))
            .Expect(HttpStatusCode.PreconditionFailed);
        (await _one.Admin.GetAsync("/api/v1/config/s")).Tag.ShouldBe("\"4\"");
    }

    [Fact]
    public async Task OneStatement_IsOneNotice()
    {
        await using var connection = new Npgsql.NpgsqlConnection(_one.Database.Administrator);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        var heard = new List<string>();
        connection.Notification += (_, notice) => heard.Add(notice.Payload);
        await using (var listen = new Npgsql.NpgsqlCommand("LISTEN configuration_changes", connection))
            await listen.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await _one.SqlAsync("INSERT INTO provider_configs (tenant_id, provider_type, provider_name) "
            + "SELECT 'a', 'map', 'p' || i FROM generate_series(1, 50) i");
        await _one.SqlAsync("UPDATE provider_configs SET enabled = false WHERE tenant_id = 'nobody'");
        await _one.SqlAsync(
            "INSERT INTO provider_configs (tenant_id, provider_type, provider_name) VALUES ('a', 'sms', 'x'), ('b', 'sms', 'x')");
        while (heard.Count(static p => p != "probe") < 2)
            await connection.WaitAsync(TestContext.Current.CancellationToken);
        heard.RemoveAll(static p => p == "probe");
        heard.Count.ShouldBe(2);
        heard[0].ShouldBe("""{"scope": "a", "table": "provider_configs", "version": 1}""");
        heard[1].ShouldBe("""{"scope": null, "table": "provider_configs", "version": 1}""");
    }

    private Task<object?> ListenersAsync() => _one.SqlAsync(
        $"SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '% feed' AND datname = '{_one.Database.Name}' "
        + "AND query LIKE 'LISTEN%' AND state = 'idle'");

    private Task SeeAsync(string path, string member, string value) => SeeAsync(
        path, answer => answer.Status == HttpStatusCode.OK && answer.Json.GetProperty(member).ToString() == value);

    private Task SeeAsync(string path, HttpStatusCode status) => SeeAsync(path, answer => answer.Status == status);

    private async Task SeeAsync(string path, Func<Answer, bool> seen)
    {
        foreach (var instance in (ServiceDatabase[])[_one, _other])
            await Eventually.BeAsync(async () => seen(await instance.Admin.GetAsync(path)), path, Seconds);
    }
}
