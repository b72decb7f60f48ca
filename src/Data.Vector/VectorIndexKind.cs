namespace Data.Vector;

/// <summary>Which index answers the searches of a collection in process.</summary>
public enum VectorIndexKind
{
    /// <summary>A hierarchical navigable small world graph: approximate, and fast at any size.</summary>
    Hnsw = 0,

    /// <summary>Every vector is compared: exact, and the faster one below a few thousand vectors.</summary>
    Flat = 1,
}
