namespace Data.Resilience.Repositories;

/// <summary>What an upsert did.</summary>
/// <param name="InsertedCount">Rows that are new.</param>
/// <param name="UpdatedCount">Rows that existed and were overwritten.</param>
public readonly record struct UpsertResult(long InsertedCount, long UpdatedCount);
