using ConfigurationService.Documents;
using ConfigurationService.Encryption;
using ConfigurationService.Http;
using ConfigurationService.Hub;
using ConfigurationService.Keys;
using ConfigurationService.Observability;
using ConfigurationService.Persistence;
using ConfigurationService.Providers;
using ConfigurationService.Providers.Catalogue;
using ConfigurationService.Settings;
using Data.Resilience.Tenancy;
using Microsoft.Extensions.AI;

namespace ConfigurationService.Hosting;

/// <summary>Registers the service's parts, by concept.</summary>
internal static class ServiceRegistration
{
    public static void AddConfigurationService(
        this IServiceCollection services,
        IConfiguration configuration,
        ServiceSettings settings,
        DatabaseConnections connections,
        KeyEncryptionKey kek,
        AdminKeySecret admin)
    {
        services.AddSettings(settings);
        services.AddPersistence(connections);
        services.AddConfigurationCache(settings);
        services.AddSingleton(kek).AddSingleton<TenantKeys>();
        services.AddSingleton(admin).AddSingleton<ApiKeyDirectory>().AddSingleton<ApiKeyStore>();
        services.AddSingleton<OperatorKeys>().AddHostedService(static provider => provider.GetRequiredService<OperatorKeys>());
        services.AddSingleton<ProviderCatalogue>().AddSingleton<ProviderCache>().AddSingleton<ProviderStore>()
            .AddSingleton<ProviderHistory>();
        services.AddSingleton<HubStore>().AddSingleton<HubHistory>();
        services.AddDocuments(settings.Storage);
        services.AddTelemetry(settings.Telemetry);
        services.AddServiceHealth(settings, configuration);
        services.AddStart();
        services.AddWeb(settings.Web);
    }

    private static void AddSettings(this IServiceCollection services, ServiceSettings settings) =>
        services.AddSingleton(settings).AddSingleton(settings.Storage).AddSingleton(settings.Cache).AddSingleton(settings.Limits)
            .AddSingleton<AnswerSize>().AddSingleton(TimeProvider.System);

    private static void AddPersistence(this IServiceCollection services, DatabaseConnections connections)
    {
        services.AddSingleton(connections).AddSingleton<TenantSessions>();
        services.AddDataResilience<ConfigurationDbContext>(options =>
        {
            options.ConnectionString = connections.Application;
            options.Name = "postgresql";
            // A request waits out a fail-over; a longer outage is told as 503 before its client gives up.
            options.Retry.AttemptTimeout = options.Retry.TotalTimeout = TimeSpan.FromSeconds(10);
        })
        // The start-up checks the role as the owner; neither it nor the tables need exist earlier.
        .AddTenancy(static options => (options.CheckRoleAtStart, options.PolicyCheckAtStart) = (false, TenantPolicyMode.Off))
        .AddQueryDiagnostics()
        .AddMigrations(options => options.ConnectionString = connections.Owner);
    }

    private static void AddConfigurationCache(this IServiceCollection services, ServiceSettings settings) =>
        services.AddDataCache(options => options.Configuration = settings.Storage.Redis)
            .AddJson(ProviderJson.Default).AddJson(HubJson.Default).AddJson(KeyJson.Default);

    private static void AddDocuments(this IServiceCollection services, StorageSettings settings) =>
        services.AddSingleton<IEmbeddingGenerator<string, Embedding<float>>, HashedNgramGenerator>().AddSingleton<DocumentStore>()
            .AddDataVector(options => options.Embedded.Path = Path.Combine(settings.DataDirectory, settings.DocumentFolder));

    private static void AddStart(this IServiceCollection services) =>
        services.AddSingleton<DatabasePreparation>().AddSingleton<StartUpOutcome>()
            .AddHostedService<StartUp>().AddHostedService<Banner>();

    private static void AddWeb(this IServiceCollection services, WebSettings settings)
    {
        services.AddOpenApi("v1", OpenApiDescription.Configure);
        services.ConfigureHttpJsonOptions(static options => WebJson.Configure(options.SerializerOptions));
        services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .WithOrigins([.. settings.CorsOrigins]).WithMethods("GET", "POST", "PUT", "PATCH", "DELETE")
            .WithHeaders("Content-Type", "X-API-Key", "If-Match", "If-None-Match", "X-Change-Reason").WithExposedHeaders(
                "ETag",
                "Location",
                "Retry-After")));
    }
}
