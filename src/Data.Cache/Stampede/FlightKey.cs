using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Cache.Stampede;

/// <summary>What requests must have in common to share a flight beside the ordinary one of their key.</summary>
/// <param name="Name">Full name of the key.</param>
/// <param name="Flags">Flags of the request: a caller that may not run the factory must not wait for one that may.</param>
/// <param name="Type">Type of the value.</param>
internal readonly record struct FlightKey(string Name, HybridCacheEntryFlags Flags, Type Type);
