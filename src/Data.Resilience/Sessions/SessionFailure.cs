using System.Runtime.ExceptionServices;
using Data.Resilience.Transience;

namespace Data.Resilience.Sessions;

/// <summary>How an attempt failed.</summary>
internal sealed record SessionFailure(ExceptionDispatchInfo Thrown, SessionPhase Phase, FailureVerdict Verdict)
{
    public Exception Exception => Thrown.SourceException;

    /// <summary>Classifies what an attempt threw.</summary>
    /// <param name="session">The session of the attempt.</param>
    /// <param name="exception">What was thrown.</param>
    /// <param name="attempt">The attempt's token.</param>
    /// <param name="caller">The caller's token.</param>
    public static SessionFailure Of(DbSession session, Exception exception, CancellationToken attempt, CancellationToken caller)
    {
        // What the delegate threw after the transaction was lost is a consequence; the loss decides.
        exception = session.TransactionLoss?.SourceException ?? exception;

        // Before the delegate ran, only the driver can have met a disposed object: its own, of a connection that broke, whatever the state
        // says by now.
        var isBroken = session.IsOpen
            && (FailureClassifier.IsBroken(session.Connection) || (exception is ObjectDisposedException && !session.WasEntered));
        if (attempt.IsCancellationRequested && session.Phase != SessionPhase.Commit)
        {
            // A wait for the pool that was cancelled is reported as the pool's exhaustion, unless it was the caller who cancelled.
            if (caller.IsCancellationRequested
                && (exception as OperationCanceledException ?? exception.InnerException as OperationCanceledException) is not null)
            {
                // The delegate saw the attempt's token; the caller must find its own in the exception.
                exception = new OperationCanceledException(exception.Message, exception, caller);
            }
            else if (exception is OperationCanceledException)
            {
                exception = new TimeoutException("The attempt took longer than its AttemptTimeout.", exception);
            }
        }

        var verdict = caller.IsCancellationRequested && session.Phase != SessionPhase.Commit
            ? FailureVerdict.Never
            : FailureClassifier.Judge(exception, session.Phase, isBroken);
        return new SessionFailure(ExceptionDispatchInfo.Capture(exception), session.Phase, verdict);
    }
}
