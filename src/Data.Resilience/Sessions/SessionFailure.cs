using System.Data;
using System.Runtime.ExceptionServices;
using Data.Resilience.Transience;
using Npgsql;

namespace Data.Resilience.Sessions;

/// <summary>How an attempt failed.</summary>
internal sealed record SessionFailure(ExceptionDispatchInfo Thrown, SessionPhase Phase, FailureVerdict Verdict)
{
    public Exception Exception => Thrown.SourceException;

    /// <summary>Commit of this or an earlier attempt that the next attempt is to settle by its idempotency key.</summary>
    public UnsettledCommit? Unsettled { get; init; }

    /// <summary>Classifies what an attempt threw.</summary>
    /// <param name="session">The session of the attempt.</param>
    /// <param name="exception">What was thrown.</param>
    /// <param name="attempt">The attempt's token.</param>
    /// <param name="caller">The caller's token.</param>
    public static async ValueTask<SessionFailure> OfAsync(
        DbSession session, Exception exception, CancellationToken attempt, CancellationToken caller)
    {
        // What the delegate threw after the transaction was lost is a consequence; the loss decides.
        exception = session.TransactionLoss?.SourceException ?? exception;
        var phase = session.Phase;
        var told = phase == SessionPhase.Commit ? RetellCommit(exception, attempt) : Retell(exception, attempt, caller);
        FailureVerdict verdict;
        if (caller.IsCancellationRequested && phase != SessionPhase.Commit)
            verdict = FailureVerdict.Never;
        else if (phase == SessionPhase.Execute && session.WasEntered)
            verdict = await JudgeDelegateAsync(session, exception, told, attempt).ConfigureAwait(false);
        else
            verdict = JudgeStep(session, told);

        return new SessionFailure(ExceptionDispatchInfo.Capture(told), phase, verdict);
    }

    /// <summary>Whether a verdict lets the delegate run again.</summary>
    public static bool MayRepeat(DbSession session, FailureVerdict verdict) =>
        verdict is not (FailureVerdict.Never or FailureVerdict.NeverTimedOut)
        && (verdict != FailureVerdict.OptIn || session.Options.RetryUniqueViolations);

    /// <summary>Puts a cancellation in the caller's terms: its own token, or the time limit of the attempt.</summary>
    private static Exception Retell(Exception exception, CancellationToken attempt, CancellationToken caller)
    {
        if (!attempt.IsCancellationRequested)
            return exception;

        // A wait for the pool that was cancelled is reported as the pool's exhaustion, unless it was the caller who cancelled.
        if (caller.IsCancellationRequested)
        {
            // The delegate saw the attempt's token; the caller must find its own in the exception.
            return (exception as OperationCanceledException ?? exception.InnerException as OperationCanceledException) is null
                ? exception
                : new OperationCanceledException(exception.Message, exception, caller);
        }

        return exception is OperationCanceledException
            ? new TimeoutException("The attempt took longer than its AttemptTimeout, or than what was left of TotalTimeout.", exception)
            : exception;
    }

    /// <summary>The caller's cancellation no longer counts, so that only the time limit can have cancelled COMMIT.</summary>
    private static Exception RetellCommit(Exception exception, CancellationToken attempt) =>
        attempt.IsCancellationRequested && exception is OperationCanceledException
            ? new TimeoutException("COMMIT took longer than its time limit.", exception)
            : exception;

    /// <summary>Judges what a step of the package threw.</summary>
    private static FailureVerdict JudgeStep(DbSession session, Exception exception)
    {
        // Refused by the driver before anything was sent: a setting, which repeating cannot mend.
        if (session.Phase is SessionPhase.Open or SessionPhase.Execute && FailureClassifier.IsRefusedArgument(exception))
            return FailureVerdict.Never;

        // Whatever else the driver throws here it throws over a connection that broke, although the state may not say so yet.
        var isInDriver = exception is not (NpgsqlException or OperationCanceledException or TimeoutException)
            && ThrowSite.IsInDriver(exception);
        var isBroken = session.IsOpen && (isInDriver || FailureClassifier.IsBroken(session.Connection));
        var failure = FailureClassifier.DriverFailureOf(exception, isBroken);
        // A setting of the application that could not be told.
        if (failure is null && session.Phase == SessionPhase.Execute)
            return FailureVerdict.Never;

        FailureOrigin.Note(session, failure ?? exception);
        return FailureClassifier.Judge(exception, session.Phase, isBroken);
    }

    /// <summary>Judges what the delegate threw: its own exceptions and those of other connections pass as they are.</summary>
    private static async ValueTask<FailureVerdict> JudgeDelegateAsync(
        DbSession session, Exception exception, Exception told, CancellationToken attempt)
    {
        // Not the attempt's: a token of the delegate's own.
        if (exception is OperationCanceledException && !attempt.IsCancellationRequested)
            return FailureVerdict.Never;

        var isBroken = await IsBrokenAsync(session, exception, attempt).ConfigureAwait(false);
        if (FailureClassifier.DriverFailureOf(exception, isBroken) is not { } failure)
            return FailureVerdict.Never;

        // The driver reports an attempt that ran out of time as cancelled.
        var verdict = FailureClassifier.Judge(ReferenceEquals(exception, told) ? failure : told, session.Phase, isBroken);
        var matters = MayRepeat(session, verdict) || Verdicts.FaultWeight(verdict) > 0;
        if (matters && !isBroken && !await FailureOrigin.IsOwnAsync(session, failure, attempt).ConfigureAwait(false))
            return FailureVerdict.Never;

        FailureOrigin.Note(session, failure);
        return verdict;
    }

    /// <summary>Whether the session lost its connection. One that the delegate closed itself is not broken.</summary>
    private static async ValueTask<bool> IsBrokenAsync(DbSession session, Exception exception, CancellationToken attempt)
    {
        if (FailureClassifier.IsBroken(session.Connection))
            return session.Connection.FullState != ConnectionState.Closed;

        // Thrown inside the driver over an open connection: a misuse, or an answer that ended in the middle.
        return !attempt.IsCancellationRequested
            && FailureClassifier.DriverFailureOf(exception, connectionBroken: false) is null
            && FailureClassifier.DriverFailureOf(exception, connectionBroken: true) is not null
            && await FailureOrigin.IsLostAsync(session, attempt).ConfigureAwait(false);
    }
}
