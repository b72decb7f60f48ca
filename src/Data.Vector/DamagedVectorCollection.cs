namespace Data.Vector;

/// <summary>A folder of a store in process whose collection cannot be opened.</summary>
/// <param name="Folder">The folder's name in the store's folder.</param>
/// <param name="Collection">The collection's name; null when the manifest, which has it, cannot be read.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record DamagedVectorCollection(string Folder, string? Collection, VectorStoreCorruptException Reason);
