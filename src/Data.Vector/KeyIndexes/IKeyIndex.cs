namespace Data.Vector.KeyIndexes;

/// <summary>An index over one metadata key.</summary>
/// <remarks>
/// An index holds every value that a slot's record has in any version that a read may still see, so it may name too many slots, never too
/// few. While an index is being built, writers keep it up to date at the same time. That works because both sides read the slot's records
/// inside the index's own lock: a writer takes a record away first and then removes it here, so whichever comes last leaves the index
/// right. Hence adding is idempotent.
/// </remarks>
internal interface IKeyIndex
{
    /// <summary>Adds whatever records lie in a slot now.</summary>
    void Update(int slot, RecordTable records);

    /// <summary>Removes a slot that carried this metadata, except for values that its records have.</summary>
    void Remove(int slot, VectorMetadata gone, RecordTable records);
}
