namespace Data.Resilience.Sessions;

/// <summary>
/// Observes every attempt; register as a keyed singleton under <c>typeof(TContext)</c>. Must not throw and must not block.
/// </summary>
internal interface ISessionObserver
{
    /// <summary>The connection is open and the delegate is about to run.</summary>
    void Opened(DbSession session);

    /// <summary>The attempt is over and its connection was given back. Called once for every <see cref="Opened"/>.</summary>
    void Closed(DbSession session, in SessionSummary summary);
}
