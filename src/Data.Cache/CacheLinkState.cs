namespace Data.Cache;

/// <summary>State of the link to Redis.</summary>
public enum CacheLinkState
{
    /// <summary>The cache has no Redis.</summary>
    None = 0,

    /// <summary>The first connection is in progress.</summary>
    Connecting = 1,

    /// <summary>Redis answers and invalidations arrive.</summary>
    Connected = 2,

    /// <summary>Redis does not answer; the <see cref="OutageMode"/> applies.</summary>
    Disconnected = 3,
}
