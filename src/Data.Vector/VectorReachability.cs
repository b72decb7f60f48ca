namespace Data.Vector;

/// <summary>The outcome of <see cref="EmbeddedVectorStore.VerifyReachabilityAsync"/>.</summary>
/// <param name="Checked">Records that were searched for.</param>
/// <param name="Unreachable">Records that a search for their own vector did not find.</param>
/// <param name="Repaired">Those of them that it finds now, or that have been deleted meanwhile.</param>
public sealed record VectorReachability(long Checked, long Unreachable, long Repaired);
