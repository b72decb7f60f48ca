namespace Data.Vector;

/// <summary>The index that answers the searches of a collection in process.</summary>
public enum VectorIndexKind
{
    /// <summary>A hierarchical navigable small world graph: approximate, and fast at any size.</summary>
    Hnsw = 0,

    /// <summary>Every vector is compared: exact, and faster below a few thousand vectors.</summary>
    Flat = 1,
}
