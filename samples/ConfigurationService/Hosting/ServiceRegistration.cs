using ConfigurationService.Changes;
using ConfigurationService.Documents;
using ConfigurationService.Embedded;
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
using Microsoft.AspNetCore.Server.Kestrel.Core;
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
        AdminKeySecret admin,
        EmbeddedPostgres? embedded)
    {
        services.AddSettings(settings);
        services.AddPersistence(connections, settings.Limits);
        if (embedded is not null)
            services.AddSingleton(embedded).AddHostedService<EmbeddedSupervisor>();
        services.AddConfigurationCache(settings);
        services.AddSingleton(kek).AddSingleton<TenantKeys>();
        services.AddSingleton(admin).AddSingleton<ApiKeyDirectory>().AddSingleton<ApiKeyStore>();
        services.AddSingleton<OperatorKeys>().AddHostedService(static provider => provider.GetRequiredService<OperatorKeys>());
        services.AddSingleton<ProviderCatalogue>().AddSingleton<ProviderCache>().AddSingleton<ProviderStore>()
            .AddSingleton<ProviderHistory>();
        services.AddSingleton<HubStore>().AddSingleton<HubHistory>();
        services.AddChangeFeed();
        services.AddDocuments(settings.Storage);
        services.AddTelemetry(settings.Telemetry);
        services.AddServiceHealth(settings, configuration);
        services.AddStart();
        services.AddWeb(settings.Web);
    }

    private static void AddSettings(this IServiceCollection services, ServiceSettings settings) =>
        services.AddSingleton(settings).AddSingleton(settings.Storage).AddSingleton(settings.Cache).AddSingleton(settings.Limits)
            .AddSingleton<AnswerSize>().AddSingleton(TimeProvider.System);

    private static void AddPersistence(this IServiceCollection services, DatabaseConnections connections, LimitSettings limits)
    {
        services.AddSingleton(connections).AddSingleton<TenantSessions>();
        services.AddDataResilience<ConfigurationDbContext>(options =>
        {
            options.ConnectionString = connections.Application;
            options.Name = "postgresql";
            // A request waits out a short fail-over; a longer outage is told as 503 before the request's deadline.
            options.Retry.AttemptTimeout = options.Retry.TotalTimeout = limits.RequestTime * 0.8;
            options.Retry.CommitVerificationTimeout = limits.RequestTime;
        })
        // The start-up checks the role as the owner; neither it nor the tables need exist earlier.
        .AddTenancy(static options => (options.CheckRoleAtStart, options.PolicyCheckAtStart) = (false, TenantPolicyMode.Off))
        .AddQueryDiagnostics()
        .AddMigrations(options => options.ConnectionString = connections.Owner);
    }

    private static void AddConfigurationCache(this IServiceCollection services, ServiceSettings settings) =>
        services.AddDataCache(options => options.Configuration = settings.Storage.Redis)
            .AddJson(ProviderJson.Default).AddJson(HubJson.Default).AddJson(KeyJson.Default);

    private static void AddChangeFeed(this IServiceCollection services) =>
        services.AddSingleton<IChangeListener>(static provider => provider.GetRequiredService<ProviderCache>())
            .AddSingleton<IChangeListener>(static provider => provider.GetRequiredService<HubStore>())
            .AddSingleton<IChangeListener>(static provider => provider.GetRequiredService<ApiKeyDirectory>())
            .AddHostedService<ChangeFeed>();

    private static void AddDocuments(this IServiceCollection services, StorageSettings settings) =>
        services.AddSingleton<IEmbeddingGenerator<string, Embedding<float>>, HashedNgramGenerator>().AddSingleton<DocumentStore>()
            .AddDataVector(options => options.Embedded.Path = Path.Combine(settings.DataDirectory, StorageSettings.DocumentFolder));

    private static void AddStart(this IServiceCollection services) =>
        services.AddSingleton<DatabasePreparation>().AddSingleton<StartUpOutcome>().AddSingleton<ReadWarmUp>()
            .AddHostedService<StartUp>().AddHostedService<Banner>();

    private static void AddWeb(this IServiceCollection services, WebSettings settings)
    {
        services.Configure<KestrelServerOptions>(static options => options.Limits.MaxRequestLineSize = AddressMiddleware.MaxServerBytes);
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
