using System.Security.Cryptography;
using ConfigurationService.Encryption;
using ConfigurationService.Keys;
using ConfigurationService.Persistence;
using ConfigurationService.Tests.Service;
using Data.Health.Startup;
using Data.TestServers;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace ConfigurationService.Tests.Persistence;

/// <summary>A service on a database that a test may damage.</summary>
internal sealed class ServiceDatabase : WebApplicationFactory<Program>
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("configuration-service-tests-");
    private readonly string _encryptionKey;
    private readonly string _adminKey;

    private ServiceDatabase(string owner, string? encryptionKey = null, string? adminKey = null)
    {
        Owner = owner;
        _encryptionKey = encryptionKey ?? Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyEncryptionKey.SizeBytes));
        _adminKey = adminKey ?? ApiKeySecret.Create();
    }

    public string Owner { get; }

    /// <summary>Login of the role that serves requests.</summary>
    public string Application => Services.GetRequiredService<DatabaseConnections>().Application;

    public ServiceClient Admin => new(CreateClient(), _adminKey);

    public static async Task<ServiceDatabase> StartAsync(Func<string, string>? through = null)
    {
        var server = await SharedServers.PostgresAsync();
        var owner = await server.CreateDatabaseAsync();
        return await StartedAsync(new ServiceDatabase(through?.Invoke(owner) ?? owner));
    }

    /// <summary>A service that listens on a port, as its binary does.</summary>
    public static async Task<ServiceDatabase> StartListeningAsync()
    {
        var server = await SharedServers.PostgresAsync();
        var database = new ServiceDatabase(await server.CreateDatabaseAsync());
        database.UseKestrel(0);
        return await StartedAsync(database);
    }

    /// <summary>A service on a database that exists already, with the key that its secrets are encrypted under.</summary>
    public static Task<ServiceDatabase> StartOnAsync(string owner, string encryptionKey) =>
        StartedAsync(new ServiceDatabase(owner, encryptionKey));

    /// <summary>Another instance on the same database, with the same secrets.</summary>
    public Task<ServiceDatabase> StartAnotherAsync() => StartedAsync(new ServiceDatabase(Owner, _encryptionKey, _adminKey));

    private static async Task<ServiceDatabase> StartedAsync(ServiceDatabase database)
    {
        // Synchronous inside: the host is started by the first use of its services.
        await Task.Run(() => database.Services.GetRequiredService<IStartupGate>()
            .WaitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token));
        return database;
    }

    public Task<object?> OwnerAsync(string sql) => RunAsync(Owner, sql);

    public Task<object?> ApplicationAsync(string sql) => RunAsync(Application, sql);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _data.Delete(recursive: true);
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSetting("DATA_DIR", _data.FullName);
        builder.UseSetting("ConnectionStrings:Postgres", Owner);
        builder.UseSetting("Encryption:Key", _encryptionKey);
        builder.UseSetting("Keys:Admin", _adminKey);
    }

    private static async Task<object?> RunAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }
}
