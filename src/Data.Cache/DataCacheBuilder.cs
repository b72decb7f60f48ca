using System.Text.Json.Serialization.Metadata;
using Data.Cache.Engine;
using Microsoft.Extensions.DependencyInjection;

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

    /// <summary>Serialises the types of a source-generated JSON context without reflection, as trimmed and native applications need.</summary>
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
}
