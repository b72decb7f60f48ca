namespace Data.Vector.KeyIndexes;

/// <summary>The records of a table that are still on disk.</summary>
/// <param name="Blocks">The blocks that hold them.</param>
/// <param name="Slots">Returns the slots that may hold the record of an id.</param>
internal sealed record UnreadRecords(IReadOnlyList<UnreadBlock> Blocks, Func<string, IEnumerable<int>> Slots);
