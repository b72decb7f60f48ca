using ConfigurationService.Keys;
using ConfigurationService.Persistence;
using ConfigurationService.Settings;
using Data.Cache;
using Data.Health;
using Data.Resilience.CircuitBreaking;
using Data.Resilience.Migrations;
using Data.Vector;
using Npgsql;

namespace ConfigurationService.Hosting;

/// <summary>What health consists of: what must be there to serve, and what is better to have.</summary>
internal static class ServiceHealth
{
    private const string Database = "postgresql";
    private const string Migrations = "migrations";

    /// <summary>The contributors that need a prepared database.</summary>
    public static readonly IReadOnlyList<string> OfDatabase = [Database, Migrations];

    public static void AddServiceHealth(this IServiceCollection services, ServiceSettings settings, IConfiguration configuration)
    {
        services.AddSingleton(static provider => NpgsqlDataSource.Create(provider.GetRequiredService<DatabaseConnections>().Application));
        var health = services.AddDataHealth(configuration.GetSection("Health"))
            .AddStartupStep(StartUp.Step)
            .AddPostgreSql(Database, static provider => provider.GetRequiredService<NpgsqlDataSource>())
            .AddContributor(
                Migrations,
                static provider => ActivatorUtilities.CreateInstance<MigrationHealthCheck<ConfigurationDbContext>>(provider))
            // The database may be back while the circuit still rejects: worth knowing, not worth taking the instance out.
            .AddContributor(
                "circuit",
                static provider => ActivatorUtilities.CreateInstance<DbCircuitHealthCheck<ConfigurationDbContext>>(provider),
                static c => c.Critical = false)
            .AddContributor(
                "cache",
                static provider => ActivatorUtilities.CreateInstance<DataCacheHealthCheck>(provider),
                static c => c.Critical = false)
            .AddContributor("vectors", static provider => provider.GetRequiredService<VectorStoreHealthCheck>(), static c =>
            {
                // The check writes, finds and deletes a probe; configuration is served without it.
                c.Period = TimeSpan.FromMinutes(1);
                c.Critical = false;
            })
            .AddDisk("disk", disk => disk.Path = settings.Storage.DataDirectory)
            .AddMemory("memory")
            .AddThreadPool("thread-pool")
            .AuthorizeDetails(IsOperatorAsync);
        // The page asks for the key that a browser does not send by itself.
        services.Configure<DataHealthOptions>(static options => options.Endpoints.PageKeyHeader ??= ApiKeyHeader.Name);
        if (settings.Storage.Embedded)
            health.Configure("disk", static c => c.Critical = true);
    }

    // Health is open to all, so it does not pass the key's middleware: who sends a key sees more, who sends none is not turned away.
    private static ValueTask<bool> IsOperatorAsync(HttpContext context) => ValueTask.FromResult(
        ApiKeyHeader.Read(context.Request) is { } key
        && context.RequestServices.GetRequiredService<OperatorKeys>().Find(key) is { } caller
        && caller.Scopes.HasFlag(ApiScopes.Read));
}
