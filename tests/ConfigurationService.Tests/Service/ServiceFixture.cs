using System.Security.Cryptography;
using ConfigurationService.Keys;
using Data.Health.Startup;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

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

    internal OwnedDatabase Database { get; private set; } = null!;

    internal ServiceClient Admin => new(CreateClient(), AdminKey);

    public async ValueTask InitializeAsync()
    {
        Database = await OwnedDatabase.CreateAsync();
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

    /// <summary>Runs SQL as the server's administrator.</summary>
    internal Task<object?> SqlAsync(string sql) => Database.SqlAsync(sql);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _data.Delete(recursive: true);
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSetting("DATA_DIR", _data.FullName);
        builder.UseSetting("ConnectionStrings:Postgres", Database.Owner);
        builder.UseSetting("Encryption:Key", EncryptionKey);
        builder.UseSetting("Keys:Admin", AdminKey);
        builder.ConfigureLogging(logging => logging.ClearProviders().AddProvider(Logs).SetMinimumLevel(LogLevel.Trace));
    }
}
