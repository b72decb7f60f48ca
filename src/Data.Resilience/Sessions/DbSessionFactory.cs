using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Data.Resilience.CircuitBreaking;
using Data.Resilience.Commits;
using Data.Resilience.Connections;
using Data.Resilience.Internal;
using Data.Resilience.Transience;
using Microsoft.EntityFrameworkCore;

namespace Data.Resilience.Sessions;

/// <summary>Runs delegates as sessions: joins an open one, or runs attempts until one succeeds or fails for good.</summary>
internal sealed class DbSessionFactory<TContext>(
    ContextPool<TContext> contexts,
    SessionServices services) : IDbSessionFactory<TContext>
    where TContext : DbContext
{
    private readonly AttemptRunner _attempts = new(services);
    private readonly AttemptCompletion _completion = new(services);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<TResult> ExecuteAsync<TState, TResult>(
        DbSessionKind kind,
        Func<IDbSession<TContext>, TState, CancellationToken, Task<TResult>> work,
        TState state,
        DbSessionOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        var outcome = await TryExecuteAsync(kind, work, state, options, cancellationToken).ConfigureAwait(false);
        return outcome.GetResultOrThrow();
    }

    public ValueTask<DbSessionOutcome<TResult>> TryExecuteAsync<TState, TResult>(
        DbSessionKind kind,
        Func<IDbSession<TContext>, TState, CancellationToken, Task<TResult>> work,
        TState state,
        DbSessionOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        options ??= DbSessionOptions.Default;
        services.EnsureKeyIsPossible(kind, options);
        try
        {
            TransactionScopes.Refuse();
        }
        catch (InvalidOperationException refusal)
        {
            return new(DbSessionOutcome<TResult>.Failure(ExceptionDispatchInfo.Capture(refusal)));
        }

        var ambient = DbSession<TContext>.JoinAmbient(this);
        return ambient is null
            ? RunAsync(kind, work, state, options, cancellationToken)
            : JoinAsync(ambient, kind, work, state, options, cancellationToken);
    }

    internal bool CollectsForCommit => services.CollectsForCommit;

    internal TContext Lend(DbSession session) => contexts.Lend(session);

    internal void TakeBack(TContext context) => contexts.TakeBack(context);

    internal TPart? FindPart<TPart>()
        where TPart : class => services.FindPart?.Invoke(typeof(TPart)) as TPart;

    private async ValueTask<DbSessionOutcome<TResult>> JoinAsync<TState, TResult>(
        DbSession<TContext> ambient,
        DbSessionKind kind,
        Func<IDbSession<TContext>, TState, CancellationToken, Task<TResult>> work,
        TState state,
        DbSessionOptions options,
        CancellationToken cancellationToken)
    {
        try
        {
            EnsureCanJoin(ambient, kind, options);
        }
        catch (InvalidOperationException refusal)
        {
            // Nothing ran, so nothing is half done: the outer session may go on.
            ambient.Leave();
            return DbSessionOutcome<TResult>.Failure(ExceptionDispatchInfo.Capture(refusal));
        }

        // The attempt's limit ends a joined call too; mostly its delegate hands on the attempt's token, and nothing is to be linked.
        using var linked = cancellationToken.CanBeCanceled && cancellationToken != ambient.AttemptToken
            ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, ambient.AttemptToken)
            : null;
        try
        {
            var token = linked?.Token ?? ambient.AttemptToken;
            return DbSessionOutcome<TResult>.Success(await work(ambient, state, token).ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            // The joined delegate saw the linked token; its caller must find its own in the exception.
            if (linked is not null && cancellationToken.IsCancellationRequested && exception is OperationCanceledException)
                exception = new OperationCanceledException(exception.Message, exception, cancellationToken);

            ambient.OnJoinedFailure(exception);
            return DbSessionOutcome<TResult>.Failure(ExceptionDispatchInfo.Capture(exception));
        }
        finally
        {
            ambient.Leave();
        }
    }

    private void EnsureCanJoin(DbSession<TContext> ambient, DbSessionKind kind, DbSessionOptions options)
    {
        ambient.EnsureCanJoin(kind, options, services.CollectSettings(ambient));
        if (services.Router?.Serves(ambient.Node) == false)
        {
            throw new InvalidOperationException("A session was requested inside a session on another shard, which it would join. Open it "
                + "before or after the outer session, or under the same TenantScope.");
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<DbSessionOutcome<TResult>> RunAsync<TState, TResult>(
        DbSessionKind kind,
        Func<IDbSession<TContext>, TState, CancellationToken, Task<TResult>> work,
        TState state,
        DbSessionOptions options,
        CancellationToken cancellationToken)
    {
        var started = services.Time.GetTimestamp();
        using var span = SessionTracing.Start(kind, options);
        SessionFailure? previous = null;
        for (var attempt = 1; ; attempt++)
        {
            DatabaseNode node;
            try
            {
                node = services.Router is null ?
                    services.Primary :
                    await services.Router.RouteAsync(kind, options, attempt, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                var thrown = ExceptionDispatchInfo.Capture(exception);
                return DbSessionOutcome<TResult>.Failure(await _completion.GiveUpAsync(previous?.Unsettled, thrown).ConfigureAwait(false));
            }

            var isPatient = !(options.FailFast ?? node.Gate.FailsFast);
            var permit = node.Gate.TryEnter(isPatient && attempt > 1, out var retryAfter);
            if (permit == CircuitPermit.Rejected && isPatient && retryAfter != Timeout.InfiniteTimeSpan)
            {
                var left = (options.TotalTimeout ?? services.Retry.TotalTimeout) - services.Time.GetElapsedTime(started);
                permit = await node.Gate.WaitAsync(left, cancellationToken).ConfigureAwait(false);
                retryAfter = node.Circuit.RetryAfter;
            }

            if (permit == CircuitPermit.Rejected)
            {
                var thrown = previous is null
                    ? null
                    : await _completion.GiveUpAsync(previous.Unsettled, previous.Thrown).ConfigureAwait(false);
                return Reject<TResult>(node, span, thrown, retryAfter, cancellationToken);
            }

            var session = new DbSession<TContext>(this, kind, options, attempt, node)
            {
                Started = services.Time.GetTimestamp(),
                Span = span,
            };
            var (result, failure) = await _attempts.RunAsync(session, work, state, started, cancellationToken).ConfigureAwait(false);
            if (failure is null)
            {
                await _completion.SucceedAsync(session, permit).ConfigureAwait(false);
                var isRepeated = session.Claim is { IsRepeated: true } claim
                    && !await _completion.SettleAsync(claim, previous?.Unsettled).ConfigureAwait(false);
                SessionMetrics.Record(services, session, started, isRepeated ? "repeated" : "completed", exception: null);
                return DbSessionOutcome<TResult>.Success(result!, isRepeated);
            }

            var (outcome, failed) = await _completion.FailAsync(session, permit, failure, previous?.Unsettled, started, cancellationToken)
                .ConfigureAwait(false);
            if (outcome == FailureOutcome.Committed)
                return DbSessionOutcome<TResult>.Success(result!);
            if (outcome == FailureOutcome.Final)
                return DbSessionOutcome<TResult>.Failure(failed.Thrown);

            previous = failed;
        }
    }

    private static DbSessionOutcome<TResult> Reject<TResult>(
        DatabaseNode node,
        Activity? span,
        ExceptionDispatchInfo? previous,
        TimeSpan retryAfter,
        CancellationToken cancellationToken)
    {
        if (previous is null && cancellationToken.IsCancellationRequested)
        {
            var cancelled = new OperationCanceledException(cancellationToken);
            return DbSessionOutcome<TResult>.Failure(ExceptionDispatchInfo.Capture(cancelled));
        }

        if (ResilienceTelemetry.Rejections.Enabled)
            ResilienceTelemetry.Rejections.Add(1, new KeyValuePair<string, object?>(ResilienceTelemetry.NodeTag, node.Name));

        span?.SetTag(ResilienceTelemetry.NodeTag, node.Name).SetTag(ResilienceTelemetry.OutcomeTag, "rejected")
            .SetStatus(ActivityStatusCode.Error);

        // A circuit that opened between two attempts does not hide what went wrong in the first.
        return previous is null
            ? DbSessionOutcome<TResult>.Rejected(node.Name, retryAfter)
            : DbSessionOutcome<TResult>.Failure(previous);
    }
}
