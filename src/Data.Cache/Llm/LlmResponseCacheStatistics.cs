namespace Data.Cache;

/// <summary>What a cache of responses has saved since its start.</summary>
/// <remarks>A snapshot: the counters are read one after the other while others go on counting.</remarks>
public sealed record LlmResponseCacheStatistics
{
    /// <summary>Requests answered.</summary>
    public long Requests { get; init; }

    /// <summary>Requests answered without a call of their own: from the cache, or by sharing a call that was under way.</summary>
    public long SavedCalls { get; init; }

    /// <summary>Tokens of prompts that need not be sent.</summary>
    public long SavedInputTokens { get; init; }

    /// <summary>Tokens of answers that need not be generated.</summary>
    public long SavedOutputTokens { get; init; }

    /// <summary>Share of requests that needed no call, 0 to 1; 0 before the first.</summary>
    public double HitRate => Requests == 0 ? 0 : (double)SavedCalls / Requests;
}
