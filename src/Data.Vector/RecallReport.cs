namespace Data.Vector;

/// <summary>The outcome of <see cref="EmbeddedVectorStore.TuneRecallAsync"/>.</summary>
/// <param name="EfSearch">The smallest value that reaches the target recall; the largest one tried when none does.</param>
/// <param name="Recall">The recall measured with this value, from 0 to 1.</param>
/// <param name="Reached">Whether the target recall was reached.</param>
/// <param name="Curve">All points measured, by ascending EfSearch.</param>
public sealed record RecallReport(int EfSearch, double Recall, bool Reached, IReadOnlyList<RecallPoint> Curve);
