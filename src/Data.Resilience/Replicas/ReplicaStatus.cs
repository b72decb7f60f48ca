namespace Data.Resilience.Replicas;

/// <summary>What is known of one replica.</summary>
public sealed record ReplicaStatus
{
    /// <summary>Gets the replica's name: the database's, with <c>-replica-</c> and its number from 1.</summary>
    public required string Name { get; init; }

    /// <summary>Gets whether it serves reads.</summary>
    public required ReplicaState State { get; init; }

    /// <summary>Gets an upper bound of its data's age; null while unknown.</summary>
    public required TimeSpan? Staleness { get; init; }
}
