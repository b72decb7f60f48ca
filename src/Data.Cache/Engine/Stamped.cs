namespace Data.Cache.Engine;

/// <summary>A stamp and where it comes from.</summary>
/// <param name="Stamp">Microseconds since 1970.</param>
/// <param name="IsEstimated">Whether this node made it, and not the server that holds the key.</param>
internal readonly record struct Stamped(long Stamp, bool IsEstimated);
