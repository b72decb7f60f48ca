namespace Data.FaultTests.Resilience;

/// <summary>Ways in which code that injects a context writes.</summary>
public enum StrategyWork
{
    /// <summary>SaveChanges of one entity.</summary>
    SaveChanges,

    /// <summary>ExecuteUpdate outside of a transaction.</summary>
    ExecuteUpdate,

    /// <summary>A transfer with SaveChanges in a transaction inside the strategy.</summary>
    Transaction,
}
