using Data.Cache.Redis;

namespace Data.Cache.Fallback;

/// <summary>A write or removal of one key that Redis has not confirmed.</summary>
/// <param name="Name">Full name of the entry.</param>
/// <param name="Write">The value; null for a removal.</param>
/// <param name="MadeAt">When it was made, on the monotonic clock, in microseconds.</param>
internal sealed record PendingWrite(string Name, RemoteWrite? Write, long MadeAt);

/// <summary>A removal by pattern that Redis has not carried out.</summary>
/// <param name="Covers">Whether a full name is removed by it.</param>
/// <param name="Scope">The scope it was asked for in, as <paramref name="Pattern"/> is relative to that.</param>
/// <param name="Pattern">What is removed.</param>
/// <param name="BatchSize">Keys per batch.</param>
internal sealed record PendingPattern(Func<string, bool> Covers, object Scope, KeyPattern Pattern, int BatchSize);
