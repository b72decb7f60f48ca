using Data.Resilience.Commits;
using Data.Resilience.Transience;
using Microsoft.Extensions.Logging;

namespace Data.Resilience.Sessions;

/// <summary>Log messages 1000 to 1099. None carries a statement, a parameter or a connection string.</summary>
internal static partial class SessionLog
{
    [LoggerMessage(
        1000,
        LogLevel.Warning,
        "Session on {Node} failed in attempt {Attempt} ({Phase}: {Verdict}); next attempt in {DelayMs} ms at the earliest.")]
    public static partial void Retrying(
        ILogger logger,
        Exception exception,
        string node,
        int attempt,
        SessionPhase phase,
        FailureVerdict verdict,
        double delayMs);

    [LoggerMessage(
        1001,
        LogLevel.Warning,
        "The answer to a commit on {Node} was lost; finding out what became of transaction {TransactionId}.")]
    public static partial void Verifying(ILogger logger, Exception exception, string node, ulong transactionId);

    [LoggerMessage(1002, LogLevel.Warning, "Transaction {TransactionId} on {Node}: {Outcome}.")]
    public static partial void Verified(ILogger logger, string node, ulong transactionId, CommitOutcome outcome);

    [LoggerMessage(1003, LogLevel.Warning, "Retry budget of {Node} is spent: the failure goes to the caller.")]
    public static partial void BudgetSpent(ILogger logger, string node);

    [LoggerMessage(1004, LogLevel.Error, "A commit hook failed; the commit stands.")]
    public static partial void HookFailed(ILogger logger, Exception exception);

    [LoggerMessage(1005, LogLevel.Debug, "Giving back what a session used failed; its outcome stands.")]
    public static partial void CleanUpFailed(ILogger logger, Exception exception);

    [LoggerMessage(
        1010,
        LogLevel.Debug,
        "A session on {Node} is over although one of its steps ({Phase}) is still running; its connection is given back when that ends.")]
    public static partial void Abandoned(ILogger logger, string node, SessionPhase phase);

    [LoggerMessage(
        1020,
        LogLevel.Warning,
        "A read session on {Node} failed after commands on its bare connection that were not observed; as they may have written, it is not "
        + "repeated.")]
    public static partial void NotRepeated(ILogger logger, string node);

    [LoggerMessage(
        1040,
        LogLevel.Warning,
        "The role may not execute {Function} on {Node}: a commit whose answer is lost stays ambiguous there. Grant it to verify commits.")]
    public static partial void Unverifiable(ILogger logger, string node, string function);

    [LoggerMessage(
        1041,
        LogLevel.Warning,
        "Transaction {TransactionId} on {Node} is committed locally only: the wait for the synchronous standby was cancelled.")]
    public static partial void CommittedLocally(ILogger logger, string node, ulong transactionId);
}
