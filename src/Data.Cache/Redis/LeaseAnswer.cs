namespace Data.Cache.Redis;

internal enum LeaseOutcome
{
    /// <summary>Another node runs the factory.</summary>
    Busy = 0,

    /// <summary>The caller runs the factory.</summary>
    Granted = 1,

    /// <summary>The value has changed since the caller read it.</summary>
    Changed = 2,
}

/// <summary>Answer to a request for a lease.</summary>
/// <param name="Outcome">Whether the caller runs the factory.</param>
/// <param name="Number">Granted: the fencing stamp. Busy: milliseconds until the lease ends.</param>
internal readonly record struct LeaseAnswer(LeaseOutcome Outcome, long Number);
