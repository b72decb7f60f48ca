namespace Data.Vector;

/// <summary>What an acknowledged write survives.</summary>
public enum VectorDurability
{
    /// <summary>
    /// Acknowledged means on disk: the write survives a crash of the process and a loss of power. Writes that wait at the same time share
    /// one flush.
    /// </summary>
    Durable = 0,

    /// <summary>
    /// Acknowledged means handed to the operating system: the write survives a crash of the process, and a loss of power once the flush
    /// interval has passed.
    /// </summary>
    Relaxed = 1,
}
