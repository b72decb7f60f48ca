namespace Data.Cache.Fallback;

/// <summary>A removal by pattern that Redis has not carried out.</summary>
/// <param name="Covers">Whether it removes a full name.</param>
/// <param name="Scope">Text of the scope that <paramref name="Pattern"/> is relative to, as it appears in keys of Redis.</param>
/// <param name="Prefix">Prefix of that scope's names.</param>
/// <param name="Pattern">What is removed.</param>
/// <param name="BatchSize">Keys per batch.</param>
internal sealed record PendingPattern(Func<string, bool> Covers, string Scope, string Prefix, KeyPattern Pattern, int BatchSize);
