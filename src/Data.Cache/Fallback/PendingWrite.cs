using Data.Cache.Redis;

namespace Data.Cache.Fallback;

/// <summary>A write or removal of one key that Redis has not confirmed.</summary>
/// <param name="Name">Full name of the entry.</param>
/// <param name="Write">The value; null for a removal.</param>
/// <param name="MadeAt">When it was made, on the monotonic clock, in microseconds.</param>
/// <param name="UpTo">Stamp up to which a removal reaches, so that a newer value stays; null for a removal of any value.</param>
internal sealed record PendingWrite(string Name, RemoteWrite? Write, long MadeAt, long? UpTo = null);
