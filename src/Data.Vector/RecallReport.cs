namespace Data.Vector;

/// <summary>The outcome of <see cref="EmbeddedVectorStore.TuneRecallAsync"/>.</summary>
/// <param name="EfSearch">The smallest width of the walk that reaches the wanted recall; the largest that was tried when none does.</param>
/// <param name="Recall">The recall measured with it, from 0 to 1.</param>
/// <param name="Reached">Whether the wanted recall was reached.</param>
/// <param name="Curve">All that was measured, by ascending width.</param>
public sealed record RecallReport(int EfSearch, double Recall, bool Reached, IReadOnlyList<RecallPoint> Curve);
