using StackExchange.Redis;

namespace Data.Cache;

/// <summary>A connection to Redis that the application describes in code, or owns.</summary>
/// <param name="Configuration">The client's settings; null for a connection of the application's own.</param>
/// <param name="Shared">Returns the application's connection; null where the cache makes its own.</param>
internal sealed record ConnectionSource(
    ConfigurationOptions? Configuration,
    Func<CancellationToken, Task<IConnectionMultiplexer>>? Shared);
