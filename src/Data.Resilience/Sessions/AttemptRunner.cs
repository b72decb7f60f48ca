using System.Data;
using System.Runtime.CompilerServices;
using Data.Resilience.Connections;
using Data.Resilience.Transience;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Data.Resilience.Sessions;

/// <summary>Runs one attempt: opens the connection, begins, runs the delegate, commits and cleans up, each within its time.</summary>
/// <remarks>
/// Safe for concurrent use. Decides nothing: what follows from a failure is up to <see cref="AttemptCompletion"/>. A step that does not end
/// soon after its token was cancelled is abandoned: a driver's call on a frozen server, or a delegate that ignores its token.
/// </remarks>
internal sealed class AttemptRunner(SessionServices services)
{
    private readonly AttemptTimerPool _timers = new(services.Time);
    private readonly SessionRelease _release = new(services);

    /// <summary>Runs the delegate in a session of its own.</summary>
    /// <param name="session">The session.</param>
    /// <param name="work">The delegate.</param>
    /// <param name="state">Handed to the delegate.</param>
    /// <param name="started">When the first attempt began.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <returns>The result and the failure; both when only the commit failed. Never throws.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<(TResult? Result, SessionFailure? Failure)> RunAsync<TContext, TState, TResult>(
        DbSession<TContext> session,
        Func<IDbSession<TContext>, TState, CancellationToken, Task<TResult>> work,
        TState state,
        long started,
        CancellationToken cancellationToken)
        where TContext : DbContext
    {
        TResult? result = default;
        SessionFailure? failure = null;
        Task? running = null;
        var attempt = session.Options.AttemptTimeout ?? services.Retry.AttemptTimeout;
        var grace = AttemptTimer.GraceFor(attempt);
        using var timer = _timers.Rent(LimitOf(session, attempt, started), grace, cancellationToken);
        session.AttemptToken = timer.Token;
        try
        {
            await OpenAsync(session, timer, cancellationToken).ConfigureAwait(false);
            running = BeginAsync(session, attempt);
            if (!await timer.EndOf(running).ConfigureAwait(false))
                throw AbandonedStep.Begin(session, cancellationToken);
            await running.ConfigureAwait(false);
            if (session.Claim is { IsRepeated: true } earlier)
            {
                result = earlier.GetResult<TResult>();
                session.Complete();
            }
            else
            {
                session.Enter();
                foreach (var observer in services.Observers)
                    observer.Opened(session);

                var working = work(session, state, timer.Token);
                running = working;
                if (!await timer.EndOf(working).ConfigureAwait(false))
                    throw AbandonedStep.Delegate(session, cancellationToken);
                result = await working.ConfigureAwait(false);
                DelegateEnd.EnsureNothingRuns(session);
                session.TransactionLoss?.Throw();
                session.Claim?.SetResult(result);
                if (session.Transaction is not null)
                {
                    // Cancelled ahead of its limit, so that what the server says to that still comes within it.
                    running = SessionCommit.RunAsync(session, timer, attempt - grace).AsTask();
                    if (!await timer.EndOf(running).ConfigureAwait(false))
                        throw AbandonedStep.Commit(session, cancellationToken);
                    await running.ConfigureAwait(false);
                }
            }
        }
        catch (Exception exception)
        {
            failure = session.Abandoned;
            if (failure is null)
            {
                var judging = SessionFailure.OfAsync(session, exception, timer.Token, cancellationToken).AsTask();
                // It may ask the connection whose failure it was, which may not answer.
                if (!await timer.EndOf(judging).ConfigureAwait(false))
                {
                    running = judging;
                    AbandonedStep.Judgement(session, exception);
                }

                failure = session.Abandoned ?? await judging.ConfigureAwait(false);
            }

            failure = ReadOnlySession.Restrict(session, failure, services.Logger);
            EndFailed(session, timer, cancellationToken);
        }

        await _release.RunAsync(session, running, grace).ConfigureAwait(false);
        return (result, failure);
    }

    /// <summary>An attempt ends with the whole session, if that comes first.</summary>
    private TimeSpan LimitOf(DbSession session, TimeSpan attempt, long started)
    {
        var left = (session.Options.TotalTimeout ?? services.Retry.TotalTimeout) - services.Time.GetElapsedTime(started, session.Started);
        if (left < attempt)
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;

        return attempt;
    }

    private async ValueTask OpenAsync(DbSession session, AttemptTimer timer, CancellationToken cancellationToken)
    {
        // Mostly the pool has a connection, and there is nothing to wait for.
        var opening = services.Opener.OpenAsync(session.Node, timer.Token);
        session.Attach(
            opening.IsCompletedSuccessfully
                ? opening.Result
                : await WaitAsync(session, timer, opening.AsTask(), cancellationToken).ConfigureAwait(false));
        session.Phase = SessionPhase.Execute;
        timer.MayBlock = true;
    }

    private async Task<NpgsqlConnection> WaitAsync(
        DbSession session, AttemptTimer timer, Task<NpgsqlConnection> opening, CancellationToken cancellationToken)
    {
        if (await timer.EndOf(opening).ConfigureAwait(false))
            return await opening.ConfigureAwait(false);

        _release.Discard(session, opening);
        throw AbandonedStep.Open(session, cancellationToken);
    }

    /// <summary>Begins a transaction, unless the session needs none: a plain read, the common case.</summary>
    private Task BeginAsync(DbSession session, TimeSpan attempt)
    {
        var settings = session.Settings = services.CollectSettings(session);
        if (session.Options.IdempotencyKey is { } key)
            session.Claim = services.Idempotency!.Claim(key, session.Options.IdempotencyFingerprint);
        if (attempt > services.Retry.AttemptTimeout)
        {
            session.CommandTimeout = DatabaseNodeFactory.CommandTimeoutOf(attempt);
            session.SendsLimit = services.SendsStatementTimeout;
        }

        var needsTransaction = session.Kind == DbSessionKind.Write || session.Options.IsolationLevel is not null
            || settings.Count > 0 || session.SendsLimit;
        return needsTransaction ? BeginTransactionAsync(session, settings) : Task.CompletedTask;
    }

    private async Task BeginTransactionAsync(DbSession session, SessionSettingCollection settings)
    {
        var level = session.Options.IsolationLevel ?? IsolationLevel.ReadCommitted;
        session.Attach(await session.Connection.BeginTransactionAsync(level, session.AttemptToken).ConfigureAwait(false));
        PostgresException denied;
        try
        {
            await SessionPrologue.SendAsync(session, settings, session.AttemptToken).ConfigureAwait(false);
            return;
        }
        catch (PostgresException exception) when (UnverifiableMark.IsDenied(session, exception))
        {
            denied = exception;
        }

        await UnverifiableMark.BeginAgainAsync(session, settings, denied, services.Logger, session.AttemptToken).ConfigureAwait(false);
    }

    private static void EndFailed(DbSession session, AttemptTimer timer, CancellationToken caller)
    {
        var isEnded = session.Complete();
        if (!session.IsOpen)
            return;

        // The server did not answer the driver's cancel request either. The idle connections to it would cost other attempts their limit,
        // and only when none is left does the driver connect anew, which takes it to another host when there are several.
        var isIdle = session.Connection.FullState == ConnectionState.Open;
        if (!isIdle && timer.Token.IsCancellationRequested && !caller.IsCancellationRequested)
            session.Node.DataSource.Clear();

        // What the delegate has left running is to end now.
        if (!isIdle || !isEnded)
            timer.Cancel();
    }
}
