namespace Data.Cache;

/// <summary>Outcome of a removal by pattern.</summary>
/// <param name="Count">Keys removed, or that would be in a dry run: from Redis where there is one that answers, else from this
/// process.</param>
/// <param name="IsQueued">Whether Redis was disconnected, so that only this process was cleaned; Redis and the other nodes follow when it
/// is back.</param>
public readonly record struct PatternRemovalResult(long Count, bool IsQueued);
