using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Data.Cache;

internal sealed class DataCacheOptionsValidator : IValidateOptions<DataCacheOptions>
{
    private const HybridCacheEntryFlags AllFlags = HybridCacheEntryFlags.DisableLocalCache
        | HybridCacheEntryFlags.DisableDistributedCache
        | HybridCacheEntryFlags.DisableUnderlyingData
        | HybridCacheEntryFlags.DisableCompression;

    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    public ValidateOptionsResult Validate(string? name, DataCacheOptions options)
    {
        var faults = new List<string>();
        Prefix(faults, options.KeyPrefix);
        if (!Enum.IsDefined(options.OutageMode))
            faults.Add($"OutageMode must be Local, Strict or NoOp, not {(int)options.OutageMode}.");
        if ((options.DefaultFlags & ~AllFlags) != HybridCacheEntryFlags.None)
            faults.Add($"DefaultFlags must be flags of HybridCacheEntryFlags, not {(int)options.DefaultFlags}.");
        Range(
            faults,
            nameof(options.MaximumKeyLength),
            options.MaximumKeyLength,
            options.MaximumKeyLength is >= 1 and <= 8192,
            "1 to 8,192");
        Span(faults, nameof(options.DefaultExpiration), options.DefaultExpiration, Ms(1), Year);
        if (options.DefaultLocalExpiration is { } local)
            Span(faults, nameof(options.DefaultLocalExpiration), local, Ms(1), Year);
        Span(faults, nameof(options.NegativeExpiration), options.NegativeExpiration, TimeSpan.Zero, Year);
        Span(faults, nameof(options.MaxStale), options.MaxStale, TimeSpan.Zero, Year);
        Span(faults, nameof(options.FactorySoftTimeout), options.FactorySoftTimeout, Ms(1), TimeSpan.FromHours(1));
        Span(faults, nameof(options.FactoryHardTimeout), options.FactoryHardTimeout, Ms(1), TimeSpan.FromHours(1));
        Span(faults, nameof(options.StaleRetryDelay), options.StaleRetryDelay, TimeSpan.Zero, TimeSpan.FromHours(1));
        Range(faults, nameof(options.ExpirationJitter), options.ExpirationJitter, options.ExpirationJitter is >= 0 and <= 0.5, "0 to 0.5");
        Range(
            faults,
            nameof(options.EagerRefreshThreshold),
            options.EagerRefreshThreshold,
            options.EagerRefreshThreshold is >= 0 and < 1,
            "0 to below 1");
        Range(
            faults,
            nameof(options.LocalSizeLimitBytes),
            options.LocalSizeLimitBytes,
            options.LocalSizeLimitBytes is >= 0 and <= 1L << 40,
            "0 to 1 TiB");
        Range(
            faults,
            nameof(options.MaximumPayloadBytes),
            options.MaximumPayloadBytes,
            options.MaximumPayloadBytes is >= 1024 and <= 48 * 1024 * 1024,
            "1 KiB to 48 MiB");
        Range(
            faults,
            nameof(options.CompressionThresholdBytes),
            options.CompressionThresholdBytes,
            options.CompressionThresholdBytes >= 256,
            "256 or more");
        Connection(faults, options);
        Redis(faults, options);
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static void Redis(List<string> faults, DataCacheOptions options)
    {
        Span(faults, nameof(options.RemoteHardTimeout), options.RemoteHardTimeout, Ms(1), TimeSpan.FromMinutes(1));
        Span(faults, nameof(options.RemoteSoftTimeout), options.RemoteSoftTimeout, Ms(1), options.RemoteHardTimeout);
        Span(faults, nameof(options.ConnectTimeout), options.ConnectTimeout, Ms(100), TimeSpan.FromMinutes(1));
        Range(
            faults,
            nameof(options.BreakerFailureRatio),
            options.BreakerFailureRatio,
            options.BreakerFailureRatio is > 0 and <= 1,
            "above 0 to 1");
        Range(
            faults,
            nameof(options.BreakerMinimumThroughput),
            options.BreakerMinimumThroughput,
            options.BreakerMinimumThroughput >= 2,
            "2 or more");
        Span(faults, nameof(options.BreakerSamplingDuration), options.BreakerSamplingDuration, Ms(500), TimeSpan.FromMinutes(10));
        Span(faults, nameof(options.BreakDuration), options.BreakDuration, Ms(500), TimeSpan.FromMinutes(10));
        Range(faults, nameof(options.ProbesBeforeRebuild), options.ProbesBeforeRebuild, options.ProbesBeforeRebuild >= 1, "1 or more");
        Span(faults, nameof(options.LeaseDuration), options.LeaseDuration, Ms(500), TimeSpan.FromMinutes(10));
        Span(faults, nameof(options.HeartbeatInterval), options.HeartbeatInterval, Ms(100), TimeSpan.FromMinutes(1));
        Span(faults, nameof(options.ReplayWindow), options.ReplayWindow, TimeSpan.FromSeconds(10), TimeSpan.FromDays(1));
        Span(faults, nameof(options.TagRetention), options.TagRetention, TimeSpan.FromMinutes(1), Year * 10);
        Range(faults, nameof(options.ReplayQueueLimit), options.ReplayQueueLimit, options.ReplayQueueLimit >= 1, "1 or more");
    }

    private static void Connection(List<string> faults, DataCacheOptions options)
    {
        if (options is { Configuration: not null, Connection: not null })
            faults.Add("Configuration and UseConnection both name a connection to Redis; remove one of them.");
        if (options is { HasRedis: true, Distributed: not null })
            faults.Add("Redis and UseDistributedCache both name a second level; remove one of them.");
        if (options.TrackForeignWrites && (!options.HasRedis || options.Connection?.Shared is not null))
        {
            faults.Add("TrackForeignWrites needs a connection of the cache's own: set Configuration, or UseConnection with "
                + "ConfigurationOptions.");
        }

        if (options.Connection is { Configuration.EndPoints.Count: 0 })
            faults.Add("The configuration given to UseConnection has no endpoint; add one to EndPoints, such as \"redis:6379\".");
        if (options.Configuration is not { } text)
            return;
        try
        {
            if (string.IsNullOrWhiteSpace(text) || ConfigurationOptions.Parse(text, ignoreUnknown: true).EndPoints.Count == 0)
                faults.Add("Configuration names no host; write one, such as \"redis:6379\", or leave it null for a cache without Redis.");
        }
        catch (ArgumentException exception)
        {
            // Without the client's message, which repeats what was written.
            faults.Add("Configuration is not a connection string of StackExchange.Redis: the value of "
                + $"'{exception.ParamName}' is not valid.");
        }
    }

    private static void Prefix(List<string> faults, string? prefix)
    {
        if (prefix is not { Length: >= 1 and <= 64 } || !prefix.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            faults.Add("KeyPrefix must have 1 to 64 letters, digits, '-', '_' or '.'.");
    }

    private static void Span(List<string> faults, string name, TimeSpan value, TimeSpan low, TimeSpan high)
    {
        if (value < low || value > high)
            faults.Add($"{name} must be between {low} and {high}, not {value}.");
    }

    private static void Range<T>(List<string> faults, string name, T value, bool valid, string legal)
    {
        if (!valid)
            faults.Add($"{name} must be {legal}, not {value}.");
    }

    private static TimeSpan Ms(int value) => TimeSpan.FromMilliseconds(value);
}
