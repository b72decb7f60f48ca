namespace Data.Resilience.Commits;

/// <summary>Thrown when the delegate returned although its transaction had failed before: nothing was committed.</summary>
/// <remarks>
/// Thrown when a failed statement's exception was swallowed, which PostgreSQL would answer by rolling back silently, and when a call that
/// joined the session failed and the outer delegate went on. Use a savepoint around work whose failure is to be survived.
/// </remarks>
public sealed class DbSessionAbortedException : DataResilienceException
{
    internal DbSessionAbortedException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
