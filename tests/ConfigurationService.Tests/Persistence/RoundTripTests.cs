using System.Net;
using ConfigurationService.Tests.Service;
using Data.TestServers;
using Npgsql;

namespace ConfigurationService.Tests.Persistence;

/// <summary>A write costs at most four round trips: history, its verification, encryption and tenant isolation included.</summary>
public sealed class RoundTripTests : IAsyncLifetime
{
    private RoundTripCounter _counter = null!;
    private ServiceDatabase _database = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await ServiceDatabase.StartAsync(owner =>
        {
            var connection = new NpgsqlConnectionStringBuilder(owner);
            _counter = new RoundTripCounter(connection.Port);
            connection.Port = _counter.Port;
            return connection.ConnectionString;
        });
        // The feed of changes sends one notice to itself when it begins to listen.
        await Eventually.BeAsync(async () => await _database.SqlAsync(
            $"SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '% feed' AND datname = '{_database.Database.Name}' "
            + "AND query LIKE 'LISTEN%' AND state = 'idle' AND query_start < clock_timestamp() - interval '1 second'") is 1L);
        // The first write opens the connection, loads the types and makes the data key; no later one does.
        await _database.Admin.PutAsync("/config/t/sms/twilio", new { api_key = "first" });
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await _counter.DisposeAsync();
    }

    [Fact]
    public async Task Post_ProvidersWithSecrets_TakesAtMostFour()
    {
        var body = new
        {
            sms_providers = new[] {
            new { provider_name = "twilio", api_key = "second" },
            new { provider_name = "vonage", api_key = "third" } }
        };
        (await _counter.DuringAsync(async () => (await _database.Admin.PostAsync("/config/t", body)).Expect(HttpStatusCode.Created)))
            .ShouldBeInRange(2, 4);
    }

    [Fact]
    public async Task PutAllAndDeleteAndHub_TakeAtMostFour()
    {
        (await _counter.DuringAsync(async () => (await _database.Admin.PutAsync(
            "/config/t",
            new { map_providers = new[] { new { provider_name = "here" } } })).Expect(HttpStatusCode.Created))).ShouldBeInRange(2, 4);
        (await _counter.DuringAsync(async () => (await _database.Admin.DeleteAsync("/config/t")).Expect(HttpStatusCode.NoContent)))
            .ShouldBeInRange(2, 4);
        (await _counter.DuringAsync(async () =>
            (await _database.Admin.PostAsync("/api/v1/config/s", new { config = new { } })).Expect(HttpStatusCode.Created)))
            .ShouldBeInRange(2, 4);
    }

    [Fact]
    public async Task Get_Cached_TakesNone()
    {
        await _database.Admin.GetAsync("/config/t");
        (await _counter.DuringAsync(async () => (await _database.Admin.GetAsync("/config/t")).Expect(HttpStatusCode.OK))).ShouldBe(0);
    }
}
