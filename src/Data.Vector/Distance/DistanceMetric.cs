namespace Data.Vector;

/// <summary>The distance of two vectors. Lower is nearer under every metric.</summary>
public enum DistanceMetric
{
    /// <summary>One minus the cosine of the angle: 0 for the same direction, 1 for a right angle, 2 for opposite directions.</summary>
    Cosine = 0,

    /// <summary>The squared Euclidean distance, as hnswlib and Chroma report it.</summary>
    L2 = 1,

    /// <summary>One minus the inner product; it can be negative, and a vector need not be its own nearest neighbour.</summary>
    InnerProduct = 2,
}
