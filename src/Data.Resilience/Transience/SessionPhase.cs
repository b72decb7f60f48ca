namespace Data.Resilience.Transience;

/// <summary>What a session was doing when it failed.</summary>
internal enum SessionPhase
{
    /// <summary>Getting a connection: no statement has been sent.</summary>
    Open,

    /// <summary>Running the delegate inside a transaction or reading: nothing is committed.</summary>
    Execute,

    /// <summary>COMMIT of a write may have been sent.</summary>
    Commit,

    /// <summary>Ending a transaction that only read.</summary>
    CommitRead,
}
