using Data.Vector;
using Data.Vector.DependencyInjection;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers Data.Vector.</summary>
public static class VectorServiceCollectionExtensions
{
    /// <summary>
    /// The name of the <see cref="HttpClient"/> that the Chroma store uses; configure it to add handlers or certificates.
    /// </summary>
    public const string ChromaHttpClientName = "Data.Vector.Chroma";

    /// <summary>The name of the <see cref="HttpClient"/> that the Pinecone store uses.</summary>
    public const string PineconeHttpClientName = "Data.Vector.Pinecone";

    /// <summary>Registers the vector store in process, in memory.</summary>
    /// <param name="services">The services.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddDataVector(this IServiceCollection services) => services.AddDataVector(static _ => { });

    /// <summary>Registers the vector store that a section of the configuration describes.</summary>
    /// <param name="services">The services.</param>
    /// <param name="section">The section, with the properties of <see cref="VectorStoreOptions"/>.</param>
    /// <returns>The same services.</returns>
    /// <remarks>Settings are validated when the application starts.</remarks>
    public static IServiceCollection AddDataVector(this IServiceCollection services, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(section);
        services.AddOptions<VectorStoreOptions>().Bind(section);
        return services.AddDataVector(static _ => { });
    }

    /// <summary>Registers a vector store.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the settings.</param>
    /// <returns>The same services.</returns>
    /// <remarks>
    /// Registers <see cref="IVectorStore"/> and <see cref="VectorStoreHealthCheck"/> as singletons. An <c>IEmbeddingGenerator&lt;string,
    /// Embedding&lt;float&gt;&gt;</c> in the services turns texts into vectors. Settings are validated when the application starts.
    /// </remarks>
    /// <example><code>services.AddDataVector(options => options.Embedded.Path = "data/vectors");</code></example>
    public static IServiceCollection AddDataVector(this IServiceCollection services, Action<VectorStoreOptions> configure)
    {
        Register(services, Options.Options.DefaultName, configure);
        services.TryAddSingleton(static provider => Make(provider, Options.Options.DefaultName));
        services.TryAddSingleton<VectorStoreHealthCheck>();
        return services.AddStartup(Options.Options.DefaultName);
    }

    /// <summary>Registers a vector store under a key, for applications with several.</summary>
    /// <param name="services">The services.</param>
    /// <param name="key">The key, which also names the options.</param>
    /// <param name="configure">Changes the settings.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddKeyedDataVector(this IServiceCollection services, string key, Action<VectorStoreOptions> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        Register(services, key, configure);
        services.TryAddKeyedSingleton(key, static (provider, name) => Make(provider, (string)name!));
        return services.AddStartup(key);
    }

    private static void Register(IServiceCollection services, string name, Action<VectorStoreOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<VectorStoreOptions>(name).Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<VectorStoreOptions>, VectorStoreOptionsValidator>());

        // The store sets a deadline per request; the client's own would cut long batches.
        services.AddHttpClient(ChromaHttpClientName, static client => client.Timeout = Timeout.InfiniteTimeSpan);
        services.AddHttpClient(PineconeHttpClientName, static client => client.Timeout = Timeout.InfiniteTimeSpan);
    }

    private static IServiceCollection AddStartup(this IServiceCollection services, string name)
    {
        // Registered again, the options change and the store stays one; one probe is enough.
        if (!services.Any(
            service => service.IsKeyedService && service.ServiceType == typeof(VectorStoreStartup) && Equals(service.ServiceKey, name)))
        {
            services.AddKeyedSingleton(name, static (provider, key) => new VectorStoreStartup(provider, (string)key!));
            services.AddSingleton<IHostedService>(provider => provider.GetRequiredKeyedService<VectorStoreStartup>(name));
        }

        return services;
    }

    private static IVectorStore Make(IServiceProvider provider, string name)
    {
        var options = provider.GetRequiredService<IOptionsMonitor<VectorStoreOptions>>().Get(name);
        var embedder = provider.GetService<IEmbeddingGenerator<string, Embedding<float>>>();
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
            _ => new EmbeddedVectorStore(options.Embedded, embedder, loggers, time),
        };

        HttpClient NewClient(string client) => provider.GetRequiredService<IHttpClientFactory>().CreateClient(client);
    }
}
