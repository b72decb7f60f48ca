namespace Data.Vector.Collections;

/// <summary>Turns distances into similarities; see <see cref="DistanceMetric"/>.</summary>
internal static class Similarity
{
    public static float FromDistance(DistanceMetric metric, float distance) =>
        metric == DistanceMetric.L2 ? 1f / (1f + distance) : 1f - distance;

    /// <summary>
    /// The lowest similarity of a match when the request names none: only cosine has a scale that means the same for all data.
    /// </summary>
    public static float DefaultThreshold(DistanceMetric metric) => metric == DistanceMetric.Cosine ? 0.5f : VectorSearchRequest.NoThreshold;
}
