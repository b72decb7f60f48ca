using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using ConfigurationService.Hosting;
using ConfigurationService.Tests.Persistence;
using ConfigurationService.Tests.Service;
using Npgsql;

namespace ConfigurationService.Tests.Schemas;

/// <summary>
/// Mutated bodies against every endpoint that reads one: no answer is a fault of the service, each is declared in OpenAPI, and what was
/// refused has written nothing.
/// </summary>
/// <remarks>As many of 100,000 bodies as fit into 30 seconds; DATA_TEST_SCALE=10 allows a million bodies and 300 seconds.</remarks>
public sealed class BodyFuzzTests : IAsyncLifetime
{
    private const int Seed = 20_261_126;
    private static readonly int Scale = int.TryParse(
        Environment.GetEnvironmentVariable("DATA_TEST_SCALE"), CultureInfo.InvariantCulture, out var scale) ? scale : 1;

    private readonly ConcurrentBag<string> _faults = [];
    private ServiceDatabase _service = null!;
    private ServiceDocument _document = null!;
    private NpgsqlDataSource _database = null!;
    private Guid _config;
    private int _sent;
    private int _accepted;

    // The state that the operation writes, and that a read shows; null where there is none to compare.
    private static readonly (string Operation, HttpMethod Method, string Path, string? State)[] Targets =
    [
        ("upsert_providers", HttpMethod.Post, "/config/test-tenant", "/config/test-tenant"),
        ("replace_providers", HttpMethod.Put, "/config/replaced", "/config/replaced"),
        ("put_provider", HttpMethod.Put, "/config/put/map/here", "/config/put/map/here"),
        ("patch_provider", HttpMethod.Patch, "/config/patched/map/here", "/config/patched/map/here"),
        ("rollback_provider", HttpMethod.Post, "/config/patched2/rollback", "/config/patched2/map/here"),
        ("publish_service", HttpMethod.Post, "/api/v1/config/published", "/api/v1/config/published"),
        ("rollback_service", HttpMethod.Post, "/api/v1/config/rolled/rollback", "/api/v1/config/rolled"),
        ("create_key", HttpMethod.Post, "/admin/keys", null),
        ("write_documents", HttpMethod.Post, "/documents", null),
        ("search_documents", HttpMethod.Post, "/documents/search", null),
    ];

    public async ValueTask InitializeAsync()
    {
        _service = await ServiceDatabase.StartAsync();
        _database = NpgsqlDataSource.Create(_service.Database.Administrator);
        _document = await ServiceDocument.ReadAsync(_service.Admin);
        await _service.Admin.PutAsync("/config/patched/map/here", new { });
        _config = (await _service.Admin.PutAsync("/config/patched2/map/here", new { })).Json.GetProperty("id").GetGuid();
        await _service.Admin.PostAsync("/api/v1/config/rolled", new { config = new { } });
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await _service.DisposeAsync();
    }

    [Fact]
    public async Task MutatedBodies_NeverFailTheServiceAndWriteNothingWhenRefused()
    {
        Targets.Select(static t => t.Operation).Order().ShouldBe(_document.OperationIds.Where(_document.HasBody).Order());
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Targets.Select((target, index) => Task.Run(() => SendAllAsync(target, Seed + index, watch))));
        TestContext.Current.TestOutputHelper!.WriteLine($"{_sent} bodies, {_accepted} accepted, {watch.Elapsed.TotalSeconds:0.0} s");
        _faults.Take(20).ShouldBeEmpty($"{_faults.Count} of {_sent}");
        _sent.ShouldBeGreaterThan(Targets.Length * 100);
        _accepted.ShouldBeGreaterThan(0);
    }

    private async Task SendAllAsync(
        (string Operation, HttpMethod Method, string Path, string? State) target, int seed, Stopwatch watch)
    {
        using var http = _service.CreateClient();
        var example = OpenApiExamples.Bodies[target.Operation].Replace(
            "0193a7c5-0000-7000-8000-000000000000", _config.ToString(), StringComparison.Ordinal);
        var mutator = new BodyMutator(example, seed);
        var state = await StateAsync(target.State);
        for (var i = 0; i < 100_000 * Scale / Targets.Length && watch.Elapsed < TimeSpan.FromSeconds(30 * Scale); i++)
        {
            var body = mutator.Next();
            var answer = await SendAsync(http, target.Method, target.Path, body);
            Interlocked.Increment(ref _sent);
            if ((int)answer.Status >= 500)
                _faults.Add($"{target.Operation} {Convert.ToBase64String(body)}: {answer.Text}");
            foreach (var fault in _document.Faults(target.Operation, answer))
                _faults.Add($"{fault} {Convert.ToBase64String(body)}");
            if ((int)answer.Status < 300)
            {
                Interlocked.Increment(ref _accepted);
                state = await StateAsync(target.State);
            }
            else if (i % 100 == 0 && await StateAsync(target.State) != state)
            {
                _faults.Add($"{target.Operation} was refused and wrote something");
            }
        }

        if (await StateAsync(target.State) != state)
            _faults.Add($"{target.Operation} was refused and wrote something");
    }

    // From the database, past the cache.
    private async Task<string?> StateAsync(string? path)
    {
        if (path is null)
            return null;
        var (table, column, name) = path.StartsWith("/api", StringComparison.Ordinal)
            ? ("config_audit_log", "service_name", path.Split('/')[4])
            : ("config_versions", "tenant_id", path.Split('/')[2]);
        await using var command = _database.CreateCommand(
            $"SELECT count(*) || ' ' || coalesce(max(sequence), 0) FROM {table} WHERE {column} = '{name}'");
        return (string)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private async Task<Answer> SendAsync(HttpClient http, HttpMethod method, string path, byte[] body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("X-API-Key", _service.AdminKey);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return new Answer(
            response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), response.Headers,
            response.Content.Headers.ContentType?.MediaType);
    }
}
