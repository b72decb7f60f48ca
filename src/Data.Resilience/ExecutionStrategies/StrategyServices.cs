using Data.Resilience.Connections;
using Data.Resilience.Sessions;

namespace Data.Resilience.ExecutionStrategies;

/// <summary>What the strategies of one context type on one database share.</summary>
/// <param name="Session">The services of sessions: node, retries, verification.</param>
/// <param name="VerifySingleStatements">Whether single statements run in a transaction of their own.</param>
internal sealed record StrategyServices(SessionServices Session, bool VerifySingleStatements)
{
    public DatabaseNode Node => Session.Primary;
}
