namespace Data.Vector.Collections;

/// <summary>Turns distances into similarities; see <see cref="DistanceMetric"/>.</summary>
internal static class Similarity
{
    public static float FromDistance(DistanceMetric metric, float distance) =>
        metric == DistanceMetric.L2 ? 1f / (1f + distance) : 1f - distance;
}
