namespace Data.Resilience.Transience;

/// <summary>Failures that deserve the same treatment in every phase.</summary>
internal enum FailureClass
{
    /// <summary>Repeating cannot help: the statement, the data or the permission is wrong, or the caller gave up.</summary>
    Permanent,

    /// <summary>The server would not take a connection just now.</summary>
    Unavailable,

    /// <summary>The transaction lost against another one and is rolled back.</summary>
    Conflict,

    /// <summary>A unique or exclusion violation, which now and then is a conflict that was noticed late.</summary>
    PossibleConflict,

    /// <summary>The server lacks memory, disk or another resource.</summary>
    Resource,

    /// <summary>A write met a server that takes none: the primary is elsewhere now.</summary>
    ReadOnly,

    /// <summary>No host of the list is the one that is wanted: a fail-over is under way.</summary>
    NoHost,

    /// <summary>The connection is gone.</summary>
    SessionLost,

    /// <summary>The server itself says that it does not know the outcome.</summary>
    OutcomeUnknown,

    /// <summary>No answer in time, on a connection that still works.</summary>
    Timeout,

    /// <summary>No connection of the pool became free in time; the database is not at fault.</summary>
    PoolExhausted,
}
