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
        var (settings, admin, kek) = Read(args, builder.Configuration);
        DataFolder.Prepare(settings.Storage.DataDirectory, StorageSettings.DocumentFolder);
        admin ??= AdminKey.Create(settings.Secrets);
        kek ??= KeyEncryptionKey.Create(settings.Secrets);

        await using var embedded = settings.Storage.Embedded ? await StartPostgresAsync(builder, settings.Storage, kek) : null;
        var connections = DatabaseConnections.Of(
            embedded?.Owner ?? settings.Storage.Owner!,
            settings.Storage.Application,
            settings.Storage.Listen,
            LoginRole.PasswordFrom(kek.Derive, "application role"));

        builder.WebHost.UseUrls(settings.Web.Urls);
        builder.Services.AddConfigurationService(builder.Configuration, settings, connections, kek, admin, embedded);
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

    /// <summary>Everything that is wrong is told at once; a secret is null when it has to be made.</summary>
    private static (ServiceSettings Settings, AdminKeySecret? Admin, KeyEncryptionKey? Kek) Read(
        string[] args, IConfiguration configuration)
    {
        var reader = new SettingReader(configuration);
        CommandLine.Check(args, reader);
        var settings = ServiceSettings.Read(reader);
        var admin = reader.Try(() => AdminKey.Read(settings.Secrets));
        var kek = reader.Try(() => KeyEncryptionKey.Read(settings.Secrets));
        reader.ThrowIfAny();
        return (settings, admin, kek);
    }

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
        catch (Exception e) when (ListenFault.Of(e) is { } fault)
        {
            throw new SettingsException([fault]);
        }

        if (outcome.Failure is { } failure)
            throw failure;
    }

    private static async Task<EmbeddedPostgres> StartPostgresAsync(
        WebApplicationBuilder builder, StorageSettings settings, KeyEncryptionKey kek)
    {
        using var logging = LoggerFactory.Create(
            log => log.AddConfiguration(builder.Configuration.GetSection("Logging")).AddSimpleConsole());
        return await EmbeddedPostgres.StartAsync(settings, kek, logging.CreateLogger<EmbeddedPostgres>(), CancellationToken.None);
    }
}
