using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization.Metadata;
using Data.Cache.DependencyInjection;
using Data.Cache.Distributed;
using Data.Cache.Llm;
using Data.Cache.Serialization;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Data.Cache;

/// <summary>Adds parts to a registered cache.</summary>
/// <remarks>Used while services are registered; not safe for concurrent use.</remarks>
public sealed class DataCacheBuilder
{
    internal DataCacheBuilder(IServiceCollection services, object? key)
    {
        Services = services;
        Key = key;
    }

    /// <summary>The services of the application.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Key of the cache, null for the unkeyed one.</summary>
    public object? Key { get; }

    /// <summary>Uses the <see cref="IConnectionMultiplexer"/> of the application's services instead of a connection string.</summary>
    /// <param name="serviceKey">Key that the connection is registered with; null for the unkeyed one.</param>
    /// <returns>The builder.</returns>
    /// <remarks>
    /// The connection is resolved in the background when the cache is created, and never closed by the cache. An application whose
    /// connection cannot be made starts all the same, and the cache asks for it again.
    /// </remarks>
    /// <example>
    /// <code>
    /// services.AddDataCache().UseConnectionMultiplexer();
    /// </code>
    /// </example>
    public DataCacheBuilder UseConnectionMultiplexer(object? serviceKey = null)
    {
        Services.AddOptions<DataCacheOptions>(KeyedCaches.OptionsName(Key))
            .Configure<IServiceProvider>((options, provider) => options.UseConnection(stop => Task.Run(
                () => (IConnectionMultiplexer)provider.GetRequiredKeyedService(typeof(IConnectionMultiplexer), serviceKey),
                stop)))
            .Validate<IServiceProvider>(
                (_, provider) => provider.GetService<IServiceProviderIsKeyedService>()
                    ?.IsKeyedService(typeof(IConnectionMultiplexer), serviceKey) != false,
                serviceKey is null
                    ? "UseConnectionMultiplexer found no IConnectionMultiplexer among the services; register one."
                    : $"UseConnectionMultiplexer found no IConnectionMultiplexer with the key '{serviceKey}' among the services; "
                        + "register one.");
        return this;
    }

    /// <summary>Uses an <see cref="IDistributedCache"/> of the application's services as the second level, instead of Redis.</summary>
    /// <param name="serviceKey">Key that the distributed cache is registered with; null for the unkeyed one.</param>
    /// <returns>The builder.</returns>
    /// <remarks>
    /// What such a second level cannot do is said at <see cref="DataCacheOptions.UseDistributedCache"/>. The cache never takes what
    /// <see cref="AsDistributedCache"/> registers for itself.
    /// </remarks>
    public DataCacheBuilder UseDistributedCache(object? serviceKey = null)
    {
        IDistributedCache? Find(IServiceProvider provider) => provider.GetKeyedServices<IDistributedCache>(serviceKey)
            .LastOrDefault(found => found is not CacheAsDistributed own || !Equals(own.Key, Key));

        Services.AddOptions<DataCacheOptions>(KeyedCaches.OptionsName(Key))
            .Configure<IServiceProvider>((options, provider) => options.Distributed = () => Find(provider)!)
            .Validate<IServiceProvider>(
                (_, provider) => Find(provider) is not null,
                "UseDistributedCache found no IDistributedCache among the services other than the cache itself; register one, such as "
                + "AddStackExchangeRedisCache.");
        return this;
    }

    /// <summary>
    /// Connects when the application starts. In <see cref="OutageMode.Strict"/> the start waits for the first attempt, and fails when Redis
    /// is not reachable or refuses a write, a read or a removal; in the other modes it neither waits nor fails.
    /// </summary>
    /// <returns>The builder.</returns>
    /// <remarks>
    /// Without it the cache connects when it is first resolved. The outcome of the check is logged in every mode, and in <see
    /// cref="DataCacheHealthCheck"/> and <see cref="DataCacheStatistics.LinkFault"/>.
    /// </remarks>
    public DataCacheBuilder ConnectOnStart()
    {
        Services.AddSingleton<IHostedService>(provider => new RedisStartCheck(provider, Key));
        return this;
    }

    /// <summary>
    /// Serializes the types of a source-generated JSON context without reflection, as trimmed and native applications need.
    /// </summary>
    /// <param name="resolver">The context: the <c>Default</c> of a class that derives from <c>JsonSerializerContext</c>.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="resolver"/> is null.</exception>
    public DataCacheBuilder AddJson(IJsonTypeInfoResolver resolver)
    {
        ArgumentNullException.ThrowIfNull(resolver);
        Services.AddSingleton(resolver);
        return this;
    }

    /// <summary>
    /// Registers this cache as <see cref="IDistributedCache"/> and <see cref="IBufferDistributedCache"/>, for sessions and whatever else
    /// takes these.
    /// </summary>
    /// <returns>The builder.</returns>
    /// <remarks>
    /// Keyed like the cache. Sliding and absolute expiration are kept as given; an entry without either lives 365 days. A read of an entry
    /// with sliding expiration extends it: two round trips to Redis. Keys and values beyond the limits of the cache are not stored.
    /// </remarks>
    /// <example>
    /// <code>
    /// services.AddDataCache(options => options.Configuration = "127.0.0.1:6379").AsDistributedCache();
    /// services.AddSession();
    /// </code>
    /// </example>
    public DataCacheBuilder AsDistributedCache()
    {
        Services.AddKeyedSingleton(Key, static (provider, key) => new CacheAsDistributed(
            key,
            () => provider.GetDataCache(key),
            provider.GetService<TimeProvider>() ?? DataCacheFactory.SystemTime));
        Services.AddKeyedSingleton<IDistributedCache>(
            Key,
            static (provider, key) => provider.GetRequiredKeyedService<CacheAsDistributed>(key));
        Services.AddKeyedSingleton<IBufferDistributedCache>(
            Key,
            static (provider, key) => provider.GetRequiredKeyedService<CacheAsDistributed>(key));
        return this;
    }

    /// <summary>Adds an observer of the cache's events.</summary>
    /// <typeparam name="TObserver">The observer; made once by the container.</typeparam>
    /// <returns>The builder.</returns>
    /// <remarks>Observers are resolved together with the cache, so none may take the cache in its constructor.</remarks>
    public DataCacheBuilder AddObserver<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TObserver>()
        where TObserver : class, ICacheObserver
    {
        Services.AddKeyedSingleton<ICacheObserver, TObserver>(Key);
        return this;
    }

    /// <summary>Counts values of a type by a function of the application, against the byte limit of the local level.</summary>
    /// <typeparam name="T">Type of the values as they are cached.</typeparam>
    /// <param name="size">Returns the bytes that a value holds in memory. Called once for each value that is stored, on any thread.</param>
    /// <returns>The builder.</returns>
    /// <remarks>
    /// Used for types whose values are shared between callers and hold other objects, see <see
    /// cref="DataCacheOptions.LocalSizeLimitBytes"/>. Without a function the cache counts what deserializing the value allocates; a cache
    /// without Redis serializes it for this count alone.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="size"/> is null.</exception>
    public DataCacheBuilder AddSizer<T>(Func<T, long> size)
    {
        ArgumentNullException.ThrowIfNull(size);
        Services.AddSingleton(new ValueSizer<T>(size));
        return this;
    }

    /// <summary>Fills the cache in the background when the application starts; a failure is logged and leaves the cache empty.</summary>
    /// <param name="warmUp">Fills the cache; its token fires when the application stops.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="warmUp"/> is null.</exception>
    public DataCacheBuilder AddWarmUp(Func<IServiceProvider, DataCache, CancellationToken, Task> warmUp)
    {
        ArgumentNullException.ThrowIfNull(warmUp);
        Services.AddSingleton<IHostedService>(provider => new WarmUpService(provider, Key, warmUp));
        return this;
    }

    /// <summary>Registers a <see cref="LlmResponseCache"/> over this cache, with the default options.</summary>
    /// <returns>The builder.</returns>
    public DataCacheBuilder AddLlmResponses() => AddLlmResponses(static (OptionsBuilder<LlmResponseCacheOptions> _) => { });

    /// <summary>Registers a <see cref="LlmResponseCache"/> over this cache, configured by a section.</summary>
    /// <param name="section">Contains the properties of <see cref="LlmResponseCacheOptions"/>.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="section"/> is null.</exception>
    public DataCacheBuilder AddLlmResponses(IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return AddLlmResponses((OptionsBuilder<LlmResponseCacheOptions> options) => options.Bind(section));
    }

    /// <summary>Registers a <see cref="LlmResponseCache"/> over this cache, configured by a delegate.</summary>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="configure"/> is null.</exception>
    public DataCacheBuilder AddLlmResponses(Action<LlmResponseCacheOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return AddLlmResponses((OptionsBuilder<LlmResponseCacheOptions> options) => options.Configure(configure));
    }

    private DataCacheBuilder AddLlmResponses(Action<OptionsBuilder<LlmResponseCacheOptions>> setUp)
    {
        Services.AddValidated<LlmResponseCacheOptions, LlmResponseCacheOptionsValidator>(Key, setUp);
        Services.TryAddKeyedSingleton(Key, static (provider, key) => new LlmResponseCache(
            provider.GetDataCache(key),
            provider.GetRequiredService<IOptionsMonitor<LlmResponseCacheOptions>>().Get(KeyedCaches.OptionsName(key))));
        return this;
    }
}
