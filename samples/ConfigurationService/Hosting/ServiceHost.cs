using ConfigurationService.Embedded;
using ConfigurationService.Encryption;
using ConfigurationService.Keys;
using ConfigurationService.Persistence;
using ConfigurationService.Settings;

namespace ConfigurationService.Hosting;

/// <summary>One life of the service: settings, secrets, database, web server, and all of it down again.</summary>
internal static class ServiceHost
{
    public static async Task<int> RunAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = CommandLine.WithoutSwitches(args),
            // Files of the program lie beside it; the working directory is only where ./data is.
            ContentRootPath = AppContext.BaseDirectory,
        });
        var settings = ServiceSettings.Read(builder.Configuration);
        var admin = AdminKey.Load(settings.Secrets);
        var kek = KeyEncryptionKey.Load(settings.Secrets);

        await using var embedded = settings.Storage.Embedded ? await StartPostgresAsync(builder, settings.Storage) : null;
        var connections = DatabaseConnections.Of(
            embedded?.ConnectionString ?? settings.Storage.Owner!,
            settings.Storage.Application,
            PasswordFrom(kek));

        builder.WebHost.UseUrls(settings.Web.Urls);
        builder.Services.AddConfigurationService(builder.Configuration, settings, connections, kek, admin);
        await using var app = builder.Build();
        if (CommandLine.OnlyMigrates(args))
        {
            await app.Services.GetRequiredService<DatabasePreparation>().RunAsync(CancellationToken.None);
            return 0;
        }

        app.UseConfigurationService(settings);
        await RunAsync(app);
        return 0;
    }

    private static RolePassword PasswordFrom(KeyEncryptionKey kek) =>
        new(Convert.ToHexStringLower(kek.Derive("application role")), kek.Derive("application role salt")[..16]);

    private static async Task RunAsync(WebApplication app)
    {
        // Taken now: afterwards the container is disposed of.
        var outcome = app.Services.GetRequiredService<StartUpOutcome>();
        try
        {
            await app.RunAsync();
        }
        catch (OperationCanceledException) when (outcome.Failure is not null)
        {
            // Stopped while it was still starting: the outcome says why.
        }

        if (outcome.Failure is { } failure)
            throw failure;
    }

    private static async Task<EmbeddedPostgres> StartPostgresAsync(WebApplicationBuilder builder, StorageSettings settings)
    {
        using var logging = LoggerFactory.Create(
            log => log.AddConfiguration(builder.Configuration.GetSection("Logging")).AddSimpleConsole());
        return await EmbeddedPostgres.StartAsync(settings, logging.CreateLogger<EmbeddedPostgres>(), CancellationToken.None);
    }
}
