namespace Data.Cache;

/// <summary>Settings of a cache of responses.</summary>
public sealed class LlmResponseCacheOptions
{
    /// <summary>How long a response is served. Default: 1 hour. Range: 1 s–30 days; responses always expire.</summary>
    public TimeSpan TimeToLive { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long a model may take for a whole response. Default: 2 minutes. Range: 1 s–1 hour.</summary>
    public TimeSpan ModelTimeout { get; set; } = TimeSpan.FromMinutes(2);
}
