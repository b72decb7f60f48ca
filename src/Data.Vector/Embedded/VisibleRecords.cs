using Data.Vector.KeyIndexes;
using Data.Vector.TextSearch;

namespace Data.Vector.Embedded;

/// <summary>The records that one version of a collection has and a filter accepts.</summary>
/// <param name="records">The records of the collection.</param>
/// <param name="version">The version, which the caller keeps from being settled.</param>
/// <param name="slots">The slots that the filter accepts; null for all.</param>
internal readonly ref struct VisibleRecords(StoredRecords records, long version, SlotBitmap? slots) : ITextVisibility
{
    public bool Sees(int slot, VectorRecord record) =>
        slots?.Contains(slot) != false
        && records.Index.Contains(slot, version)
        && ReferenceEquals(records.Table.Read(slot, version), record);
}
