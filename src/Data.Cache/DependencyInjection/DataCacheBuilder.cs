using System.Text.Json.Serialization.Metadata;
using Data.Cache.DependencyInjection;
using Data.Cache.Llm;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Data.Cache;

/// <summary>Adds to a registered cache.</summary>
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

    /// <summary>
    /// Serialises the types of a source-generated JSON context without reflection, as trimmed and native applications need.
    /// </summary>
    /// <param name="resolver">The context, for example <c>MyJsonContext.Default</c>.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="resolver"/> is null.</exception>
    public DataCacheBuilder AddJson(IJsonTypeInfoResolver resolver)
    {
        ArgumentNullException.ThrowIfNull(resolver);
        Services.AddSingleton(resolver);
        return this;
    }

    /// <summary>Fills the cache when the application starts, in the background; a failure is logged and leaves the cache cold.</summary>
    /// <param name="warmUp">Fills the cache; its token fires when the application stops.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="warmUp"/> is null.</exception>
    public DataCacheBuilder AddWarmUp(Func<IServiceProvider, DataCache, CancellationToken, Task> warmUp)
    {
        ArgumentNullException.ThrowIfNull(warmUp);
        Services.AddSingleton<Microsoft.Extensions.Hosting.IHostedService>(provider => new WarmUpService(provider, Key, warmUp));
        return this;
    }

    /// <summary>Registers a <see cref="LlmResponseCache"/> over this cache, with the default settings.</summary>
    /// <returns>The builder.</returns>
    public DataCacheBuilder AddLlmResponses() => AddLlmResponses(static _ => { });

    /// <summary>Registers a <see cref="LlmResponseCache"/> over this cache, set up by a configuration section.</summary>
    /// <param name="section">Holds the properties of <see cref="LlmResponseCacheOptions"/>.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="section"/> is null.</exception>
    public DataCacheBuilder AddLlmResponses(IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return AddLlmResponses(options => section.Bind(options));
    }

    /// <summary>Registers a <see cref="LlmResponseCache"/> over this cache, set up by code.</summary>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="configure"/> is null.</exception>
    public DataCacheBuilder AddLlmResponses(Action<LlmResponseCacheOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var name = Key?.ToString() ?? Options.DefaultName;
        Services.AddOptions<LlmResponseCacheOptions>(name).Configure(configure).ValidateOnStart();
        Services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<LlmResponseCacheOptions>, LlmResponseCacheOptionsValidator>());
        LlmResponseCache Create(IServiceProvider provider) => new(
            Key is null ? provider.GetRequiredService<DataCache>() : provider.GetRequiredKeyedService<DataCache>(Key),
            provider.GetRequiredService<IOptionsMonitor<LlmResponseCacheOptions>>().Get(name));
        if (Key is null)
            Services.TryAddSingleton(Create);
        else
            Services.TryAddKeyedSingleton(Key, (provider, _) => Create(provider));
        return this;
    }
}
