using Data.Cache.Local;
using Data.Cache.Serialization;

namespace Data.Cache.Engine;

internal enum RemoteReadKind
{
    Miss,
    Hit,

    /// <summary>Past its lifetime, but usable under fail-safe.</summary>
    Stale,

    /// <summary>Redis did not answer.</summary>
    Failed,
}

/// <summary>Result of reading a key from Redis.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
/// <param name="Kind">Whether and how it can be used.</param>
/// <param name="Entry">The value, ready for the local level, when there is one.</param>
/// <param name="Produced">The value, ready for callers.</param>
/// <param name="SeenStamp">Stamp of the value in Redis, usable or not; 0 for none.</param>
/// <param name="Failure">Why Redis did not answer, where that is known.</param>
/// <param name="Lease">Stamp of the lease that was granted with the miss; 0 for none.</param>
internal readonly record struct RemoteRead<T>(
    RemoteReadKind Kind,
    TypedEntry<T>? Entry = null,
    Produced<T> Produced = default,
    long SeenStamp = 0,
    Exception? Failure = null,
    long Lease = 0);
