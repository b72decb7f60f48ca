namespace Data.Vector.KeyIndexes;

/// <summary>
/// Stands in the cells of slots whose records are still on disk. Whoever wants one of them reads the block and puts all of its records
/// into their cells.
/// </summary>
/// <param name="read">Reads the block; several threads may do so at once. It throws where the block is damaged.</param>
internal sealed class UnreadBlock(Func<List<(int Slot, VectorRecord Record)>> read)
{
    public List<(int Slot, VectorRecord Record)> Read() => read();
}
