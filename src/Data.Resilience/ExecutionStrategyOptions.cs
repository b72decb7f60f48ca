using Data.Resilience.CircuitBreaking;
using Data.Resilience.Retry;

namespace Data.Resilience;

/// <summary>Settings of the execution strategy that <c>UseDataResilience</c> gives to a context.</summary>
/// <remarks>
/// For a context that is registered by <c>AddDataResilience</c> too, <see cref="Name"/>, <see cref="Retry"/> and
/// <see cref="CircuitBreaker"/> are those of that registration, and what is set here is not used.
/// </remarks>
public sealed class ExecutionStrategyOptions
{
    /// <summary>
    /// Name of the database in metrics, logs and errors. Default: null (the name of the context's type). Range: 1–63 characters.
    /// </summary>
    public string? Name
    {
        get => Settings.Name;
        set => Settings.Name = value;
    }

    /// <summary>
    /// Whether SaveChanges of a single statement, ExecuteUpdate and ExecuteDelete run in a transaction when there is none, so that a lost
    /// answer can be verified. Default: true.
    /// </summary>
    /// <remarks>
    /// Costs two round trips per such statement. Without it the statement commits by itself, and a lost answer is an
    /// <see cref="Commits.AmbiguousCommitException"/>.
    /// </remarks>
    public bool VerifySingleStatements { get; set; } = true;

    /// <summary>Retry settings. <see cref="RetryOptions.AttemptTimeout"/> is not used: EF's command timeout limits an attempt.</summary>
    public RetryOptions Retry => Settings.Retry;

    /// <summary>Circuit-breaker settings. Contexts over the same data source share the circuit that the first one configures.</summary>
    public CircuitBreakerOptions CircuitBreaker => Settings.CircuitBreaker;

    /// <summary>The same settings in the form that nodes are made from.</summary>
    internal DataResilienceOptions Settings { get; } = new() { SendStatementTimeout = false };
}
