using System.Text.Json.Serialization.Metadata;
using Data.Cache;
using Data.Cache.DependencyInjection;
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
    /// <returns>A builder that adds serializers, warm-ups and caches of model responses.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
    public static DataCacheBuilder AddDataCache(this IServiceCollection services) => Add(services, key: null, static _ => { });

    /// <summary>Registers a cache as <see cref="DataCache"/> and <see cref="HybridCache"/>, configured by a section.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="section">Contains the properties of <see cref="DataCacheOptions"/>.</param>
    /// <returns>A builder that adds serializers, warm-ups and caches of model responses.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static DataCacheBuilder AddDataCache(this IServiceCollection services, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return Add(services, key: null, options => options.Bind(section));
    }

    /// <summary>Registers a cache as <see cref="DataCache"/> and <see cref="HybridCache"/>, configured by a delegate.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>A builder that adds serializers, warm-ups and caches of model responses.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <example>
    /// <code>
    /// services.AddDataCache(options => options.Configuration = "127.0.0.1:6379");
    /// </code>
    /// </example>
    public static DataCacheBuilder AddDataCache(this IServiceCollection services, Action<DataCacheOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Add(services, key: null, options => options.Configure(configure));
    }

    /// <summary>Registers one of several caches, configured by a section.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="key">Key that the cache is resolved by; its text is the name of the options.</param>
    /// <param name="section">Contains the properties of <see cref="DataCacheOptions"/>.</param>
    /// <returns>A builder that adds serializers, warm-ups and caches of model responses.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static DataCacheBuilder AddKeyedDataCache(this IServiceCollection services, object key, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(section);
        return Add(services, key, options => options.Bind(section));
    }

    /// <summary>Registers one of several caches, configured by a delegate.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="key">Key that the cache is resolved by; its text is the name of the options, so no other key may have it.</param>
    /// <param name="configure">Sets the options. Caches that share a server need different prefixes.</param>
    /// <returns>A builder that adds serializers, warm-ups and caches of model responses.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static DataCacheBuilder AddKeyedDataCache(this IServiceCollection services, object key, Action<DataCacheOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(configure);
        return Add(services, key, options => options.Configure(configure));
    }

    // With a null key the keyed registration is the unkeyed one.
    private static DataCacheBuilder Add(IServiceCollection services, object? key, Action<OptionsBuilder<DataCacheOptions>> setUp)
    {
        ArgumentNullException.ThrowIfNull(services);
        KeyedCaches.RequireOwnText(services, key);
        services.AddValidated<DataCacheOptions, DataCacheOptionsValidator>(key, setUp);
        services.TryAddKeyedSingleton<DataCache>(key, static (provider, key) => Create(provider, key));
        services.TryAddKeyedSingleton<HybridCache>(key, static (provider, key) => provider.GetDataCache(key));
        return new DataCacheBuilder(services, key);
    }

    private static DataCache Create(IServiceProvider provider, object? key)
    {
        var options = provider.GetRequiredService<IOptionsMonitor<DataCacheOptions>>().Get(KeyedCaches.OptionsName(key));
        var logger = provider.GetService<ILoggerFactory>()?.CreateLogger("Data.Cache") ?? NullLogger.Instance;
        var serializers = new SerializerCatalog(
            provider.GetServices<IJsonTypeInfoResolver>(),
            provider.GetServices<IHybridCacheSerializerFactory>(),
            provider);
        var observers = key is null ? provider.GetServices<ICacheObserver>() : provider.GetKeyedServices<ICacheObserver>(key);
        return DataCacheFactory.Create(options, serializers, observers, logger, provider.GetService<TimeProvider>());
    }
}
