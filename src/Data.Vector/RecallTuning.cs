namespace Data.Vector;

/// <summary>The recall that <see cref="EmbeddedVectorStore.TuneRecallAsync"/> aims at, and how it measures.</summary>
public sealed record RecallTuning
{
    /// <summary>
    /// The share of the true nearest neighbours that a search finds on average. Default: 0.95. Range: above 0 and below 1.
    /// </summary>
    public double TargetRecall { get; init; } = 0.95;

    /// <summary>The number of matches per search at which recall is measured. Default: 10. Range: 1–1,000.</summary>
    public int Top { get; init; } = 10;

    /// <summary>The number of searches to measure with; more give a more precise result. Default: 200. Range: 10–10,000.</summary>
    public int SampleSize { get; init; } = 200;

    /// <summary>The seed of the choice of searches. Default: 42.</summary>
    public int Seed { get; init; } = 42;

    /// <summary>
    /// Whether searches of the collection use the result from then on, also after the store is reopened. Default: true. Without effect
    /// when the recall is not reached.
    /// </summary>
    public bool Apply { get; init; } = true;
}
