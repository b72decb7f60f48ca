namespace Data.Vector.KeyIndexes;

/// <summary>An index over one metadata key.</summary>
/// <remarks>
/// While an index is being built, writers keep it up to date at the same time. That works because both sides read the slot's record inside
/// the index's own lock: a writer takes the record away first and then removes it here, so whichever comes last leaves the index right.
/// Hence adding is idempotent.
/// </remarks>
internal interface IKeyIndex
{
    /// <summary>Adds whatever record lies in a slot now.</summary>
    void Update(int slot, Func<int, VectorRecord?> current);

    /// <summary>Removes a slot that carried this metadata.</summary>
    void Remove(int slot, VectorMetadata metadata);
}
