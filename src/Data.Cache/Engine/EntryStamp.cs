namespace Data.Cache.Engine;

/// <summary>The creation stamp of an entry and its origin.</summary>
/// <param name="Value">Microseconds since 1970.</param>
/// <param name="IsEstimated">Whether this node made the stamp, and not the server that holds the key.</param>
internal readonly record struct EntryStamp(long Value, bool IsEstimated);
