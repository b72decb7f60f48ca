using System.Runtime.ExceptionServices;
using Data.Resilience.Transience;

namespace Data.Resilience.Sessions;

/// <summary>What is known, and told, when a step of an attempt did not end in time and is waited for no longer.</summary>
internal static class AbandonedStep
{
    /// <summary>No connection came; one that comes late goes back to the pool.</summary>
    public static Exception Open(DbSession session, CancellationToken caller) =>
        Of(session, FailureVerdict.RetryNothingRan, "No connection was opened within the attempt's time limit.", caller);

    /// <summary>The prologue was not answered; nothing of the delegate ran.</summary>
    public static Exception Begin(DbSession session, CancellationToken caller) =>
        Of(session, FailureVerdict.RetryLostSession, "The transaction did not begin within the attempt's time limit.", caller);

    /// <summary>The delegate did not return; it may go on, so another run could do its effects outside the database twice.</summary>
    public static Exception Delegate(DbSession session, CancellationToken caller)
    {
        const string Limit = "The attempt took longer than its time limit (AttemptTimeout, or what was left of TotalTimeout), and ";
        const string Abandoned = "The delegate was abandoned: it is not awaited any longer, and nothing was committed.";
        return session.IsBusy
            ? Of(
                session,
                FailureVerdict.NeverTimedOut,
                Limit + "the server did not answer the request to cancel its command. " + Abandoned,
                caller)
            : Of(
                session,
                FailureVerdict.Never,
                Limit + "its delegate did not return when its token was cancelled. " + Abandoned
                    + " Pass the token to everything that the delegate awaits.",
                caller);
    }

    /// <summary>The connection did not say whose failure the delegate's was: it is lost in any case.</summary>
    public static void Judgement(DbSession session, Exception thrown) =>
        session.Abandoned = new SessionFailure(
            ExceptionDispatchInfo.Capture(thrown), session.Phase, FailureVerdict.RetryLostSession);

    /// <summary>COMMIT was not answered.</summary>
    public static Exception Commit(DbSession session, CancellationToken caller) => Of(
        session,
        session.Phase == SessionPhase.Commit ? FailureVerdict.Ambiguous : FailureVerdict.RetryLostSession,
        "COMMIT was not answered within its time limit.",
        caller);

    private static Exception Of(DbSession session, FailureVerdict verdict, string message, CancellationToken caller)
    {
        // Once COMMIT was sent, the caller's cancellation no longer counts.
        var isCancelled = caller.IsCancellationRequested && session.Phase != SessionPhase.Commit;
        Exception exception = isCancelled ? new OperationCanceledException(message, caller) : new TimeoutException(message);
        session.Abandoned = new SessionFailure(
            ExceptionDispatchInfo.Capture(exception), session.Phase, isCancelled ? FailureVerdict.Never : verdict);
        return exception;
    }
}
