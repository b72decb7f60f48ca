using System.Text.Json.Serialization.Metadata;
using Data.Cache;
using Data.Cache.Serialization;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers caches.</summary>
public static class DataCacheServiceCollectionExtensions
{
    /// <summary>Registers a cache of this process, without Redis, as <see cref="DataCache"/> and <see cref="HybridCache"/>.</summary>
    /// <param name="services">The services of the application.</param>
    /// <returns>A builder that adds serialisers and warm-ups.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
    public static DataCacheBuilder AddDataCache(this IServiceCollection services) => services.AddDataCache(static _ => { });

    /// <summary>Registers a cache set up by a configuration section.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="section">Holds the properties of <see cref="DataCacheOptions"/>.</param>
    /// <returns>A builder that adds serialisers and warm-ups.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static DataCacheBuilder AddDataCache(this IServiceCollection services, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return services.AddDataCache(options => section.Bind(options));
    }

    /// <summary>Registers a cache set up by code.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>A builder that adds serialisers and warm-ups.</returns>
    /// <example>
    /// <code>
    /// services.AddDataCache(options => options.Configuration = "127.0.0.1:6379").AddJson(MyJsonContext.Default);
    /// </code>
    /// </example>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static DataCacheBuilder AddDataCache(this IServiceCollection services, Action<DataCacheOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        AddOptions(services, Options.Options.DefaultName, configure);
        services.TryAddSingleton<DataCache>(static provider => Create(provider, Options.Options.DefaultName));
        services.TryAddSingleton<HybridCache>(static provider => provider.GetRequiredService<DataCache>());
        return new DataCacheBuilder(services, key: null);
    }

    /// <summary>Registers one of several caches, set up by a configuration section.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="key">Key the cache is resolved by; its text names the options.</param>
    /// <param name="section">Holds the properties of <see cref="DataCacheOptions"/>.</param>
    /// <returns>A builder that adds serialisers and warm-ups.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static DataCacheBuilder AddKeyedDataCache(this IServiceCollection services, object key, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return services.AddKeyedDataCache(key, options => section.Bind(options));
    }

    /// <summary>Registers one of several caches, set up by code.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="key">Key the cache is resolved by; its text names the options.</param>
    /// <param name="configure">Sets the options. Caches that share a server need different prefixes.</param>
    /// <returns>A builder that adds serialisers and warm-ups.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static DataCacheBuilder AddKeyedDataCache(this IServiceCollection services, object key, Action<DataCacheOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(configure);
        AddOptions(services, NameOf(key), configure);
        services.TryAddKeyedSingleton<DataCache>(key, static (provider, key) => Create(provider, NameOf(key!)));
        services.TryAddKeyedSingleton<HybridCache>(key, static (provider, key) => provider.GetRequiredKeyedService<DataCache>(key));
        return new DataCacheBuilder(services, key);
    }

    private static string NameOf(object key) => key.ToString() ?? string.Empty;

    private static void AddOptions(IServiceCollection services, string name, Action<DataCacheOptions> configure)
    {
        services.AddOptions<DataCacheOptions>(name).Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<DataCacheOptions>, DataCacheOptionsValidator>());
    }

    private static DataCache Create(IServiceProvider provider, string name)
    {
        var options = provider.GetRequiredService<IOptionsMonitor<DataCacheOptions>>().Get(name);
        var logger = provider.GetService<ILoggerFactory>()?.CreateLogger("Data.Cache") ?? NullLogger.Instance;
        var serializers = new SerializerCatalog(
            provider.GetServices<IJsonTypeInfoResolver>(),
            provider.GetServices<IHybridCacheSerializerFactory>(),
            provider);
        return DataCacheFactory.Create(options, serializers, logger, provider.GetService<TimeProvider>() ?? TimeProvider.System);
    }
}
