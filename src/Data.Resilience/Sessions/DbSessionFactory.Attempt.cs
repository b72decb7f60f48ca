using System.Data;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Data.Resilience.Commits;
using Data.Resilience.Internal;
using Data.Resilience.Transience;

namespace Data.Resilience.Sessions;

/// <content>One attempt: open, begin, run, commit, clean up.</content>
internal sealed partial class DbSessionFactory<TContext>
{
    /// <summary>
    /// Runs one attempt. Never throws: the failure is in the answer, together with the result when only the commit failed.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<(TResult? Result, SessionFailure? Failure)> AttemptAsync<TState, TResult>(
        DbSession<TContext> session,
        Func<IDbSession<TContext>, TState, CancellationToken, Task<TResult>> work,
        TState state,
        CancellationToken cancellationToken)
    {
        TResult? result = default;
        SessionFailure? failure = null;
        using var timer = AttemptTimer.Rent(
            services.Time,
            session.Options.AttemptTimeout ?? services.Retry.AttemptTimeout,
            cancellationToken);
        try
        {
            session.Attach(await services.Opener.OpenAsync(session.Node, timer.Token).ConfigureAwait(false));
            session.Phase = SessionPhase.Execute;
            await BeginAsync(session, timer.Token).ConfigureAwait(false);
            session.Enter();
            foreach (var observer in services.Observers)
                observer.Opened(session);

            result = await work(session, state, timer.Token).ConfigureAwait(false);
            session.Complete();
            session.TransactionLoss?.Throw();
            if (session.Transaction is not null)
                await CommitAsync(session, timer).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            failure = Describe(session, exception, timer.Token, cancellationToken);
        }

        session.Complete();
        await CleanUpAsync(session, isClean: failure is null).ConfigureAwait(false);
        return (result, failure);
    }

    private ValueTask BeginAsync(DbSession session, CancellationToken cancellationToken)
    {
        var settings = session.Settings = CollectSettings(session);
        var needsTransaction = session.Kind == DbSessionKind.Write || session.Options.IsolationLevel is not null || settings.Count > 0;
        return needsTransaction ? BeginTransactionAsync(session, settings, cancellationToken) : ValueTask.CompletedTask;
    }

    private SessionSettingList CollectSettings(DbSession session)
    {
        var settings = new SessionSettingList();
        foreach (var source in services.Settings)
            source.Collect(session, ref settings);

        return settings;
    }

    private static async ValueTask BeginTransactionAsync(
        DbSession session,
        SessionSettingList settings,
        CancellationToken cancellationToken)
    {
        var level = session.Options.IsolationLevel ?? IsolationLevel.ReadCommitted;
        session.Attach(await session.Connection.BeginTransactionAsync(level, cancellationToken).ConfigureAwait(false));
        if (session.Kind == DbSessionKind.Write || settings.Count > 0)
            await SessionPrologue.SendAsync(session, settings, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask CommitAsync(DbSession session, AttemptTimer timer)
    {
        if (session.JoinedFailure is { } joined)
        {
            throw new DbSessionAbortedException("A call that joined this session failed and its work may be half done, so nothing was "
                + "committed. Run it in a savepoint to survive its failure.", joined);
        }

        if (session.Kind == DbSessionKind.Read)
        {
            session.Phase = SessionPhase.CommitRead;
            await session.Transaction!.CommitAsync(timer.Token).ConfigureAwait(false);
            return;
        }

        // From here on the caller's cancellation no longer counts: giving up on a commit half-way helps nobody.
        if (!timer.TryRestart(services.Retry.AttemptTimeout))
            throw new OperationCanceledException(timer.Token);

        session.Phase = SessionPhase.Commit;
        try
        {
            (var committed, session.CommitLsn) = await CommitBatch.SendAsync(
                session.Connection,
                session.Options.CaptureCommitLsn,
                timer.Token).ConfigureAwait(false);
            if (committed == session.Mark.TransactionId)
                return;
        }
        catch (Npgsql.PostgresException exception) when (string.Equals(
            exception.SqlState,
            SqlStates.InFailedTransaction,
            StringComparison.Ordinal))
        {
            session.Phase = SessionPhase.Execute;
            throw new DbSessionAbortedException("A statement of the session failed, its exception was swallowed and the transaction "
                + "cannot be committed. Let exceptions pass, or run the statement in a savepoint.", exception);
        }

        session.Phase = SessionPhase.Execute;
        throw new InvalidOperationException("The delegate ended the session's transaction itself; what it committed stays, what it "
            + "rolled back is gone. Let the session commit, or throw to roll back.");
    }

    private static SessionFailure Describe(DbSession session, Exception exception, CancellationToken attempt, CancellationToken caller)
    {
        // What the delegate threw after the transaction was lost is a consequence; the loss decides.
        exception = session.TransactionLoss?.SourceException ?? exception;

        // Before the delegate ran, only the driver can have met a disposed object: its own, of a connection that broke, whatever the state
        // says by now.
        var isBroken = session.IsOpen
            && (FailureClassifier.IsBroken(session.Connection) || (exception is ObjectDisposedException && !session.WasEntered));
        if (attempt.IsCancellationRequested && session.Phase != SessionPhase.Commit)
        {
            // A wait for the pool that was cancelled is told as the pool's exhaustion, unless it was the caller who gave up.
            if (caller.IsCancellationRequested
                && (exception as OperationCanceledException ?? exception.InnerException as OperationCanceledException) is not null)
            {
                exception = ForCaller(exception, caller);
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

        // The delegate saw the attempt's token; the caller must find its own in the exception.
        static OperationCanceledException ForCaller(Exception exception, CancellationToken caller) =>
            new(exception.Message, exception, caller);
    }

    /// <summary>Not async itself: a read without transaction, the common case, has nothing to wait for.</summary>
    private ValueTask CleanUpAsync(DbSession session, bool isClean)
    {
        if (!session.IsOpen)
            return ValueTask.CompletedTask;

        try
        {
            session.ReturnContext();
        }
        catch (Exception exception)
        {
            // The context is lost to its pool; the outcome of the session is decided by then.
            SessionLog.CleanUpFailed(services.Logger, exception);
        }

        return session.Transaction is null ? ReturnConnectionAsync(session, isClean) : EndTransactionAsync(session, isClean);
    }

    private async ValueTask EndTransactionAsync(DbSession session, bool isClean)
    {
        try
        {
            await session.Transaction!.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Rolling back over a broken connection fails; the server has rolled back by itself.
            SessionLog.CleanUpFailed(services.Logger, exception);
        }

        await ReturnConnectionAsync(session, isClean).ConfigureAwait(false);
    }

    private ValueTask ReturnConnectionAsync(DbSession session, bool isClean) =>
        services.Opener.ReturnAsync(session.Node, session.Connection, isPrivate: isClean && !session.WasConnectionSeen);
}
