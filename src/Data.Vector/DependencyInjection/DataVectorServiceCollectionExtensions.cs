using System.Data.Common;
using Data.Vector;
using Data.Vector.DependencyInjection;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers vector stores.</summary>
public static class DataVectorServiceCollectionExtensions
{
    /// <summary>
    /// The name of the <see cref="HttpClient"/> that the Chroma store uses; configure it to add handlers or certificates.
    /// </summary>
    public const string ChromaHttpClientName = "Data.Vector.Chroma";

    /// <summary>The name of the <see cref="HttpClient"/> that the Pinecone store uses.</summary>
    public const string PineconeHttpClientName = "Data.Vector.Pinecone";

    /// <summary>Registers a vector store in process, in memory.</summary>
    /// <param name="services">The services of the application.</param>
    /// <returns>A builder with the services.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
    public static DataVectorBuilder AddDataVector(this IServiceCollection services) => Add(services, key: null, static _ => { });

    /// <summary>Registers a vector store set up by a configuration section.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="section">Holds the properties of <see cref="DataVectorOptions"/>.</param>
    /// <returns>A builder with the services.</returns>
    /// <remarks>Options are validated when the application starts.</remarks>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static DataVectorBuilder AddDataVector(this IServiceCollection services, IConfigurationSection section) =>
        Add(services, key: null, section);

    /// <summary>Registers a vector store set up by code.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>A builder with the services.</returns>
    /// <remarks>
    /// Registers <see cref="IVectorStore"/> and <see cref="VectorStoreHealthCheck"/> as singletons. An <c>IEmbeddingGenerator&lt;string,
    /// Embedding&lt;float&gt;&gt;</c> in the services turns texts into vectors, and an <see cref="ITextAnalyzer"/> there takes texts apart
    /// for hybrid searches; <see cref="VectorStoreProvider.PgVector"/> uses the <c>DbDataSource</c> in the services. Options are validated
    /// when the application starts.
    /// </remarks>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <example><code>
    /// services.AddDataVector(options => options.Embedded.Path = "data/vectors");
    /// </code></example>
    public static DataVectorBuilder AddDataVector(this IServiceCollection services, Action<DataVectorOptions> configure) =>
        Add(services, key: null, configure);

    /// <summary>Registers one of several vector stores, set up by a configuration section.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="key">Key the store and its health check are resolved by; its text names the options.</param>
    /// <param name="section">Holds the properties of <see cref="DataVectorOptions"/>.</param>
    /// <returns>A builder with the services and the key.</returns>
    /// <remarks>
    /// Options are validated when the application starts. The store embeds texts with the generator that has the same key, or else with the
    /// unkeyed one.
    /// </remarks>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static DataVectorBuilder AddKeyedDataVector(this IServiceCollection services, object key, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Add(services, key, section);
    }

    /// <summary>Registers one of several vector stores, set up by code.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="key">
    /// Key the store and its health check are resolved by; its text names the options, so no other key may have it.
    /// </param>
    /// <param name="configure">Sets the options. Stores in process need different folders.</param>
    /// <returns>A builder with the services and the key.</returns>
    /// <remarks>
    /// Options are validated when the application starts. The store embeds texts with the generator that has the same key, or else with the
    /// unkeyed one.
    /// </remarks>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static DataVectorBuilder AddKeyedDataVector(this IServiceCollection services, object key, Action<DataVectorOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Add(services, key, configure);
    }

    private static DataVectorBuilder Add(IServiceCollection services, object? key, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return Register(services, key, options => options.Bind(section));
    }

    private static DataVectorBuilder Add(IServiceCollection services, object? key, Action<DataVectorOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Register(services, key, options => options.Configure(configure));
    }

    private static DataVectorBuilder Register(
        IServiceCollection services,
        object? key,
        Action<OptionsBuilder<DataVectorOptions>> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        RequireOwnText(services, key);
        configure(services.AddOptions<DataVectorOptions>(NameOf(key)).ValidateOnStart());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<DataVectorOptions>, DataVectorOptionsValidator>());

        // The store sets a deadline per request; the client's own would cut long batches.
        services.AddHttpClient(ChromaHttpClientName, static client => client.Timeout = Timeout.InfiniteTimeSpan);
        services.AddHttpClient(PineconeHttpClientName, static client => client.Timeout = Timeout.InfiniteTimeSpan);

        // A null key registers and resolves the unkeyed service.
        services.TryAddKeyedSingleton(key, static (provider, key) => Create(provider, key));
        services.TryAddKeyedSingleton(
            key,
            static (provider, key) => new VectorStoreHealthCheck(provider.GetRequiredKeyedService<IVectorStore>(key)));
        AddStartupProbe(services, key);
        return new DataVectorBuilder(services, key);
    }

    private static string NameOf(object? key) => key?.ToString() ?? Options.Options.DefaultName;

    // Two stores with one name would share their options, and with them the folder.
    private static void RequireOwnText(IServiceCollection services, object? key)
    {
        if (services.Any(service => service.ServiceType == typeof(IVectorStore) && !Equals(service.ServiceKey, key)
            && NameOf(service.ServiceKey) == NameOf(key)))
        {
            throw new ArgumentException(
                $"Another key with the text '{NameOf(key)}' is registered. "
                + "The text names the options of a store; use keys with different texts.",
                nameof(key));
        }
    }

    private static void AddStartupProbe(IServiceCollection services, object? key)
    {
        // Registered again, the options change and the store stays the same; one probe is enough.
        if (services.Any(service => service.ServiceType == typeof(StartupProbe) && Equals(service.ServiceKey, key)))
            return;

        services.AddKeyedSingleton(key, static (provider, key) => new StartupProbe(provider, key, NameOf(key)));
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredKeyedService<StartupProbe>(key));
    }

    private static IVectorStore Create(IServiceProvider provider, object? key)
    {
        var options = provider.GetRequiredService<IOptionsMonitor<DataVectorOptions>>().Get(NameOf(key));

        var embedder = Own<IEmbeddingGenerator<string, Embedding<float>>>();
        var time = provider.GetService<TimeProvider>();
        var loggers = provider.GetService<ILoggerFactory>();
        return options.Provider switch
        {
            VectorStoreProvider.Chroma => new ChromaVectorStore(NewClient(ChromaHttpClientName), options.Chroma, embedder, time, loggers),
            VectorStoreProvider.Pinecone => new PineconeVectorStore(
                NewClient(PineconeHttpClientName),
                options.Pinecone,
                embedder,
                time,
                loggers),
            VectorStoreProvider.PgVector => new PgVectorStore(
                Own<DbDataSource>() ?? throw new InvalidOperationException(
                    "The provider PgVector needs a DbDataSource in the services; register one, for example with AddNpgsqlDataSource."),
                options.PgVector,
                embedder,
                time,
                loggers,
                options.PgVector.TenantSetting is null ? null : Own<IVectorTenant>()),
            _ => new EmbeddedVectorStore(options.Embedded, embedder, loggers, time)
            {
                TextAnalyzer = Own<ITextAnalyzer>() ?? UnicodeTextAnalyzer.Instance,
            },
        };

        // The store's own service, where one has its key.
        T? Own<T>()
            where T : class => provider.GetKeyedService<T>(key) ?? provider.GetService<T>();

        HttpClient NewClient(string client) => provider.GetRequiredService<IHttpClientFactory>().CreateClient(client);
    }
}
