namespace Data.Resilience.Interceptors;

/// <summary>What is known about one command text: computed once, then found by a dictionary look-up per command.</summary>
internal sealed class Statement(
    StatementStatistics statistics,
    QueryFingerprint fingerprint,
    IReadOnlyList<string> tags,
    TimeSpan threshold,
    StatementShape shape)
{
    public StatementStatistics Statistics { get; } = statistics;

    public QueryFingerprint Fingerprint { get; } = fingerprint;

    public IReadOnlyList<string> Tags { get; } = tags;

    public TimeSpan Threshold { get; } = threshold;

    public StatementShape Shape { get; } = shape;
}
