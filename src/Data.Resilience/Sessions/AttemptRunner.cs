using System.Data;
using System.Runtime.CompilerServices;
using Data.Resilience.Connections;
using Data.Resilience.Transience;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Data.Resilience.Sessions;

/// <summary>Runs one attempt: opens the connection, begins, runs the delegate, commits and cleans up.</summary>
/// <remarks>Safe for concurrent use. Decides nothing: what follows from a failure is up to <see cref="AttemptCompletion"/>.</remarks>
internal sealed class AttemptRunner(SessionServices services)
{
    private readonly AttemptTimerPool _timers = new(services.Time);

    /// <summary>Runs the delegate in a session of its own.</summary>
    /// <returns>The result and the failure; both when only the commit failed. Never throws.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<(TResult? Result, SessionFailure? Failure)> RunAsync<TContext, TState, TResult>(
        DbSession<TContext> session,
        Func<IDbSession<TContext>, TState, CancellationToken, Task<TResult>> work,
        TState state,
        CancellationToken cancellationToken)
        where TContext : DbContext
    {
        TResult? result = default;
        SessionFailure? failure = null;
        using var timer = _timers.Rent(session.Options.AttemptTimeout ?? services.Retry.AttemptTimeout, cancellationToken);
        try
        {
            session.Attach(await services.Opener.OpenAsync(session.Node, timer.Token).ConfigureAwait(false));
            session.Phase = SessionPhase.Execute;
            await BeginAsync(session, timer.Token).ConfigureAwait(false);
            if (session.Claim is { IsRepeated: true } earlier)
            {
                result = earlier.GetResult<TResult>();
            }
            else
            {
                session.Enter();
                foreach (var observer in services.Observers)
                    observer.Opened(session);

                result = await work(session, state, timer.Token).ConfigureAwait(false);
                session.Complete();
                session.TransactionLoss?.Throw();
                session.Claim?.SetResult(result);
                if (session.Transaction is not null)
                    await SessionCommit.RunAsync(session, timer, services.Retry.AttemptTimeout).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            failure = await SessionFailure.OfAsync(session, exception, timer.Token, cancellationToken).ConfigureAwait(false);
            failure = ReadOnlySession.Restrict(session, failure, services.Logger);
        }

        session.Complete();
        await CleanUpAsync(session, isClean: failure is null).ConfigureAwait(false);
        return (result, failure);
    }

    private ValueTask BeginAsync(DbSession session, CancellationToken cancellationToken)
    {
        var settings = session.Settings = services.CollectSettings(session);
        if (session.Options.IdempotencyKey is { } key)
            session.Claim = services.Idempotency!.Claim(key, session.Options.IdempotencyFingerprint);
        var needsTransaction = session.Kind == DbSessionKind.Write || session.Options.IsolationLevel is not null || settings.Count > 0;
        return needsTransaction ? BeginTransactionAsync(session, settings, cancellationToken) : ValueTask.CompletedTask;
    }

    private async ValueTask BeginTransactionAsync(
        DbSession session,
        SessionSettingCollection settings,
        CancellationToken cancellationToken)
    {
        var level = session.Options.IsolationLevel ?? IsolationLevel.ReadCommitted;
        session.Attach(await session.Connection.BeginTransactionAsync(level, cancellationToken).ConfigureAwait(false));
        PostgresException denied;
        try
        {
            await SessionPrologue.SendAsync(session, settings, cancellationToken).ConfigureAwait(false);
            return;
        }
        catch (PostgresException exception) when (UnverifiableMark.IsDenied(session, exception))
        {
            denied = exception;
        }

        await UnverifiableMark.BeginAgainAsync(session, settings, denied, services.Logger, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Not async itself: a read without a transaction, the common case, has nothing to wait for.</summary>
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

    private ValueTask ReturnConnectionAsync(DbSession session, bool isClean)
    {
        if (session.WasRefused)
            return ForgetRefusedAsync(session);

        var returning = services.Opener.ReturnAsync(session.Node, session.Connection, isPrivate: isClean && !session.WasConnectionSeen);
        return returning.IsCompletedSuccessfully ? ValueTask.CompletedTask : FinishAsync(session, returning);

        async ValueTask FinishAsync(DbSession session, ValueTask returning)
        {
            try
            {
                await returning.ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                SessionLog.CleanUpFailed(services.Logger, exception);
                await TornConnection.DisposeAsync(session.Connection).ConfigureAwait(false);
            }
        }
    }

    /// <summary>A refusal inside the driver can leave a statement that it takes for prepared and that was never sent.</summary>
    private async ValueTask ForgetRefusedAsync(DbSession session)
    {
        try
        {
            // The driver has it without async only.
            await Task.Run(session.Connection.UnprepareAll).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            SessionLog.CleanUpFailed(services.Logger, exception);
        }

        session.WasRefused = false;
        await ReturnConnectionAsync(session, isClean: false).ConfigureAwait(false);
    }
}
