namespace Data.Resilience.Commits;

/// <summary>Thrown when a delegate returned although its session cannot be ended as a whole: nothing was committed.</summary>
/// <remarks>
/// Thrown when a failed statement's exception was swallowed, which PostgreSQL would answer by rolling back silently, and when a call that
/// joined the session failed and the outer delegate went on: use a savepoint around work whose failure is to be survived. Thrown as well,
/// in read sessions too, when the delegate left something in use: a joined call or a command that it did not await, or a data reader, an
/// enumerator or a COPY that it did not dispose. Never retried, and not counted by the circuit or the retry budget.
/// </remarks>
public sealed class DbSessionAbortedException : DataResilienceException
{
    internal DbSessionAbortedException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
