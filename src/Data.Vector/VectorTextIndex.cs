namespace Data.Vector;

/// <summary>When a collection has an index over the words of its texts, which hybrid searches need.</summary>
public enum VectorTextIndex
{
    /// <summary>
    /// The first hybrid search, or the first filter by words, builds the index; from then on it is kept up to date, and reopened with the
    /// collection. Until then it costs nothing. In PostgreSQL there is no index, and hybrid searches read every text.
    /// </summary>
    OnDemand = 0,

    /// <summary>The index is kept from the first record on.</summary>
    Always = 1,

    /// <summary>There is no index; hybrid searches throw <see cref="HybridSearchNotSupportedException"/>.</summary>
    None = 2,
}
