namespace Data.Resilience.Replicas;

/// <summary>Whether a replica serves reads, and why not.</summary>
public enum ReplicaState
{
    /// <summary>Not checked often enough yet; does not serve.</summary>
    Unknown,

    /// <summary>Serves reads that its staleness allows.</summary>
    Serving,

    /// <summary>Ejected: it did not answer.</summary>
    Unreachable,

    /// <summary>Ejected: its data is older than <see cref="ReplicaOptions.MaxStaleness"/>.</summary>
    Lagging,

    /// <summary>Ejected: it is no longer a standby.</summary>
    Promoted,

    /// <summary>Ejected: it follows another primary, or another history of it.</summary>
    Diverged,
}
