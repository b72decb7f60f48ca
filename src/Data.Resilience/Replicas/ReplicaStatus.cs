namespace Data.Resilience.Replicas;

/// <summary>What is known of one replica.</summary>
public sealed record ReplicaStatus
{
    /// <summary>Name of the replica: the database's or shard's name, <c>-replica-</c> and a number from 1.</summary>
    public required string Name { get; init; }

    /// <summary>Whether the replica serves reads, and the reason when it does not.</summary>
    public required ReplicaState State { get; init; }

    /// <summary>Upper bound of the age of the replica's data; null while unknown.</summary>
    public required TimeSpan? Staleness { get; init; }
}
