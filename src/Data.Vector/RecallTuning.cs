namespace Data.Vector;

/// <summary>The recall that <see cref="EmbeddedVectorStore.TuneRecallAsync"/> shall reach, and how it measures.</summary>
public sealed record RecallTuning
{
    /// <summary>The share of the true nearest neighbours that a search shall find on average. Default 0.95; above 0 and below 1.</summary>
    public double TargetRecall { get; init; } = 0.95;

    /// <summary>Matches per search: recall is that of so many. Default 10, from 1 to 1,000.</summary>
    public int Top { get; init; } = 10;

    /// <summary>Searches to measure with. Default 200, from 10 to 10,000; the more, the surer the result.</summary>
    public int SampleSize { get; init; } = 200;

    /// <summary>Seed of the choice of searches. Default 42.</summary>
    public int Seed { get; init; } = 42;

    /// <summary>
    /// Whether the collection's searches use what was found from then on, also after the store has been opened again. Default true; without
    /// effect when the recall was not reached.
    /// </summary>
    public bool Apply { get; init; } = true;
}
