namespace Data.Vector.TextSearch;

/// <summary>The records that a search may return.</summary>
internal interface ITextVisibility
{
    /// <summary>Returns whether a slot has this very record in the version that the search sees, and the filter accepts it.</summary>
    bool Sees(int slot, VectorRecord record);
}
