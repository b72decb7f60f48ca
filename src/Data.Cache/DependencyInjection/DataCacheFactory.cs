using System.Text.Json.Serialization.Metadata;
using Data.Cache.Engine;
using Data.Cache.Serialization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Data.Cache;

/// <summary>Creates caches where there is no service container.</summary>
public static class DataCacheFactory
{
#pragma warning disable RS0030 // The default of the registration, and the documented one of the public method.
    internal static TimeProvider SystemTime => TimeProvider.System;
#pragma warning restore RS0030

    /// <summary>
    /// Creates a cache. One with Redis connects in the background; the caller disposes it (<see cref="IAsyncDisposable"/>).
    /// </summary>
    /// <param name="options">Settings. They must not be changed afterwards.</param>
    /// <param name="resolvers">Source-generated JSON contexts; null for none.</param>
    /// <param name="loggerFactory">Creates the logger; null for no log.</param>
    /// <param name="timeProvider">Source of time; null for the system's.</param>
    /// <returns>The cache.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="OptionsValidationException">An option is out of range; the message names the option and its
    /// range.</exception>
    public static DataCache Create(
        DataCacheOptions options,
        IEnumerable<IJsonTypeInfoResolver>? resolvers = null,
        ILoggerFactory? loggerFactory = null,
        TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var verdict = new DataCacheOptionsValidator().Validate(name: null, options);
        if (verdict.Failed)
            throw new OptionsValidationException(nameof(DataCacheOptions), typeof(DataCacheOptions), verdict.Failures);
        return Create(
            options,
            new SerializerCatalog(resolvers ?? [], [], services: null),
            [],
            loggerFactory?.CreateLogger("Data.Cache") ?? NullLogger.Instance,
            timeProvider);
    }

    internal static DataCache Create(
        DataCacheOptions options,
        SerializerCatalog serializers,
        IEnumerable<ICacheObserver> observers,
        ILogger logger,
        TimeProvider? timeProvider)
    {
        var cache = new TwoLevelCache(options, serializers, observers, logger, timeProvider ?? SystemTime);
        var view = new CacheView(cache, CacheScope.Root);
        return !options.HasRedis && options.Distributed is null ? view : new FallbackCache(cache, view, ownsConnection: true);
    }
}
