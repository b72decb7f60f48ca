using System.Security.Cryptography;
using ConfigurationService.Keys;
using Data.Health.Startup;
using Data.TestServers;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

[assembly: AssemblyFixture(typeof(ConfigurationService.Tests.Service.ServiceFixture))]

namespace ConfigurationService.Tests.Service;

/// <summary>
/// The service in process, over its whole pipeline, on a database of its own; shared by all tests, which keep apart by tenant.
/// </summary>
public sealed class ServiceFixture : WebApplicationFactory<Program>, IAsyncLifetime
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("configuration-service-tests-");

    internal CapturedLogs Logs { get; } = new();

    internal string AdminKey { get; } = ApiKeySecret.Create();

    internal string EncryptionKey { get; } = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    /// <summary>Login of the owner.</summary>
    internal string Owner { get; private set; } = "";

    internal ServiceClient Admin => new(CreateClient(), AdminKey);

    public async ValueTask InitializeAsync()
    {
        var server = await SharedServers.PostgresAsync();
        Owner = await server.CreateDatabaseAsync();
        await Services.GetRequiredService<IStartupGate>().WaitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);
    }

    internal ServiceClient With(string? key) => new(CreateClient(), key);

    /// <summary>A client with a key of its own for one tenant.</summary>
    internal async Task<ServiceClient> TenantAsync(string tenant, params string[] scopes)
    {
        var made = await Admin.PostAsync(
            "/admin/keys",
            new { name = $"key of {tenant}", tenant_id = tenant, scopes = scopes.Length > 0 ? scopes : ["read", "write"] });
        return With(made.Json.GetProperty("key").GetString());
    }

    /// <summary>Runs SQL as the owner.</summary>
    internal async Task<object?> SqlAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(Owner);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _data.Delete(recursive: true);
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSetting("DATA_DIR", _data.FullName);
        builder.UseSetting("ConnectionStrings:Postgres", Owner);
        builder.UseSetting("Encryption:Key", EncryptionKey);
        builder.UseSetting("Keys:Admin", AdminKey);
        builder.ConfigureLogging(logging => logging.ClearProviders().AddProvider(Logs).SetMinimumLevel(LogLevel.Trace));
    }
}
