namespace Data.Resilience.Outbox;

/// <summary>How a dispatcher learns that a message was committed before its next poll.</summary>
public enum OutboxWakeUp
{
    /// <summary>
    /// After the commit: a dispatcher in the same process is woken in memory; without one, a NOTIFY is sent on another connection, and
    /// commits that follow while it is on its way share the next one. Costs the committing session nothing.
    /// </summary>
    AfterCommit,

    /// <summary>
    /// By a NOTIFY in the transaction itself. PostgreSQL commits transactions that notify one at a time, so concurrent writers wait for
    /// each other.
    /// </summary>
    InTransaction,

    /// <summary>Not at all: messages wait for the next poll. Needs no connection for LISTEN.</summary>
    Polling,
}
