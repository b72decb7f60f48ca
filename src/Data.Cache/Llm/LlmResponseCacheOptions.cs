namespace Data.Cache;

/// <summary>Settings of a cache of responses.</summary>
public sealed class LlmResponseCacheOptions
{
    /// <summary>
    /// How long a response is served. Default 1 hour. Legal: 1 second to 30 days; a response without an end is not to be had.
    /// </summary>
    public TimeSpan TimeToLive { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long a model may take for a whole response. Default 2 minutes. Legal: 1 second to 1 hour.</summary>
    public TimeSpan ModelTimeout { get; set; } = TimeSpan.FromMinutes(2);
}
