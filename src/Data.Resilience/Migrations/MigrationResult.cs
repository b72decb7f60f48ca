namespace Data.Resilience.Migrations;

/// <summary>What a run of migrations did.</summary>
/// <param name="Applied">Migrations applied by this call, in order; empty when another instance had done it, or nothing was
/// pending.</param>
/// <param name="Reverted">Migrations reverted by this call, in order.</param>
/// <param name="LockWait">Time spent waiting for another instance.</param>
public sealed record MigrationResult(IReadOnlyList<string> Applied, IReadOnlyList<string> Reverted, TimeSpan LockWait);
