using System.Security.Cryptography;
using ConfigurationService.Encryption;
using ConfigurationService.Keys;
using ConfigurationService.Persistence;
using ConfigurationService.Tests.Service;
using Data.Health.Startup;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace ConfigurationService.Tests.Persistence;

/// <summary>A service on a database that a test may damage.</summary>
internal sealed class ServiceDatabase : WebApplicationFactory<Program>
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("configuration-service-tests-");
    private readonly string _encryptionKey;
    private string? _application;
    private string? _listen;

    private ServiceDatabase(OwnedDatabase database, string? encryptionKey = null, string? adminKey = null)
    {
        Database = database;
        _encryptionKey = encryptionKey ?? Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyEncryptionKey.SizeBytes));
        AdminKey = adminKey ?? ApiKeySecret.Create();
    }

    public OwnedDatabase Database { get; }

    public string AdminKey { get; }

    /// <summary>Login of the role that serves requests.</summary>
    public string Application => Services.GetRequiredService<DatabaseConnections>().Application;

    public ServiceClient Admin => new(CreateClient(), AdminKey);

    /// <summary>A service on a new database, or on one that a test has made.</summary>
    /// <param name="through">Turns the owner's login into the one that the service gets.</param>
    /// <param name="database">The database; null makes one.</param>
    /// <param name="application">The setting of the application's login; null for none.</param>
    public static async Task<ServiceDatabase> StartAsync(
        Func<string, string>? through = null, OwnedDatabase? database = null, string? application = null)
    {
        database ??= await OwnedDatabase.CreateAsync();
        // What is sent through something is what requests send: the notices of changes go past it.
        var listen = through is null ? null : database.Owner;
        database = database with { Owner = through?.Invoke(database.Owner) ?? database.Owner };
        return await StartedAsync(new ServiceDatabase(database) { _application = application, _listen = listen });
    }

    /// <summary>A service that listens on a port, as its binary does.</summary>
    public static async Task<ServiceDatabase> StartListeningAsync()
    {
        var database = new ServiceDatabase(await OwnedDatabase.CreateAsync());
        database.UseKestrel(0);
        return await StartedAsync(database);
    }

    /// <summary>A service on a database that exists already, with the key that its secrets are encrypted under.</summary>
    public static Task<ServiceDatabase> StartOnAsync(OwnedDatabase database, string encryptionKey) =>
        StartedAsync(new ServiceDatabase(database, encryptionKey));

    /// <summary>Another instance on the same database, with the same secrets.</summary>
    public Task<ServiceDatabase> StartAnotherAsync() => StartedAsync(
        new ServiceDatabase(Database, _encryptionKey, AdminKey) { _application = _application });

    private static async Task<ServiceDatabase> StartedAsync(ServiceDatabase database)
    {
        // Synchronous inside: the host is started by the first use of its services.
        await Task.Run(() => database.Services.GetRequiredService<IStartupGate>()
            .WaitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token));
        return database;
    }

    /// <summary>Runs SQL as the server's administrator.</summary>
    public Task<object?> SqlAsync(string sql) => Database.SqlAsync(sql);

    public Task<object?> ApplicationAsync(string sql) => OwnedDatabase.RunAsync(Application, sql);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _data.Delete(recursive: true);
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSetting("DATA_DIR", _data.FullName);
        builder.UseSetting("ConnectionStrings:Postgres", Database.Owner);
        builder.UseSetting("ConnectionStrings:PostgresApplication", _application);
        builder.UseSetting("ConnectionStrings:PostgresListen", _listen);
        builder.UseSetting("Encryption:Key", _encryptionKey);
        builder.UseSetting("Keys:Admin", AdminKey);
    }
}
