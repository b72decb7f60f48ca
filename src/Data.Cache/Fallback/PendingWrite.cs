using Data.Cache.Redis;

namespace Data.Cache.Fallback;

/// <summary>A write or removal that Redis has not confirmed.</summary>
/// <param name="Write">The value, or a tombstone.</param>
/// <param name="Stamp">When it was made.</param>
/// <param name="IsRemoval">Whether it removes.</param>
internal sealed record PendingWrite(RemoteWrite Write, long Stamp, bool IsRemoval);
