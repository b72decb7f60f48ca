using System.Data;
using System.Runtime.ExceptionServices;
using System.Transactions;
using Data.Resilience.Commits;
using Data.Resilience.Sessions;
using Data.Resilience.Transience;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using Npgsql.EntityFrameworkCore.PostgreSQL.Storage.Internal;

namespace Data.Resilience.ExecutionStrategies;

/// <summary>Runs operations of EF, and delegates given to the strategy, with the retries of sessions.</summary>
/// <remarks>
/// The failure that ends an operation reaches the caller as it was thrown. Commits are verified where they happen, by
/// <see cref="VerifiedCommit"/>; here only what is known not to be committed is repeated. Not safe for concurrent use, as the context.
/// </remarks>
internal sealed class ResilientExecutionStrategy(ExecutionStrategyDependencies dependencies, ExecutionStrategyOptions options)
    : ExecutionStrategy(dependencies, options.Retry.MaxRetryAttempts, options.Retry.MaxDelay)
{
    private IRelationalConnection? _connection;
    private object? _source;
    private StrategyServices? _services;

    /// <summary>Attempt under way; null outside of operations.</summary>
    public StrategyAttempt? Attempt { get; private set; }

    /// <summary>Whether SaveChanges of the context is running, which keeps its own track of what is saved.</summary>
    public bool IsSaving { get; set; }

    /// <summary>Whether the results of queries are buffered, so that a failure while reading them can be retried.</summary>
    public override bool RetriesOnFailure =>
        (Current is null || Current == this) && !StrategyAttempt.IsInSession(Dependencies.CurrentContext.Context);

    /// <summary>Finds the strategy that a context's own operations use; null when it has another one.</summary>
    public static ResilientExecutionStrategy? Of(DbContext? context) =>
        context?.GetService<IExecutionStrategy>() as ResilientExecutionStrategy;

    /// <summary>Returns the services for the database that the context uses now.</summary>
    public StrategyServices FindServices()
    {
        var context = Dependencies.CurrentContext.Context;
        var connection = _connection ??= FindConnection(context);
#pragma warning disable EF1001 // Nothing public tells the data source that the options, the application or a plug-in gave the context.
        var source = (connection as NpgsqlRelationalConnection)?.DataSource ?? (object?)connection.ConnectionString;
#pragma warning restore EF1001
        if (_services is null || !Equals(source, _source))
        {
            _services = StrategyRegistry.Find(context, source ?? "", options);
            _source = source;
        }

        return _services;
    }

    public override TResult Execute<TState, TResult>(
        TState state,
        Func<DbContext, TState, TResult> operation,
        Func<DbContext, TState, ExecutionResult<TResult>>? verifySucceeded)
    {
        ArgumentNullException.ThrowIfNull(operation);
        var context = Dependencies.CurrentContext.Context;
        if (IsSuspended(context))
        {
            try
            {
                return operation(context, state);
            }
            catch (Exception exception) when (NoteForeign(context, exception))
            {
                throw;
            }
        }

        // Everything completes on the calling thread.
        return RunAsync(
            (State: state, Operation: operation, Verify: verifySucceeded),
            static (context, state, _) => Task.FromResult(state.Operation(context, state.State)),
            verifySucceeded is null ? null : static (context, state, _) => Task.FromResult(state.Verify!(context, state.State)),
            isAsync: false,
            CancellationToken.None).GetAwaiter().GetResult();
    }

    public override Task<TResult> ExecuteAsync<TState, TResult>(
        TState state,
        Func<DbContext, TState, CancellationToken, Task<TResult>> operation,
        Func<DbContext, TState, CancellationToken, Task<ExecutionResult<TResult>>>? verifySucceeded,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(operation);
        var context = Dependencies.CurrentContext.Context;
        if (!IsSuspended(context))
            return RunAsync(state, operation, verifySucceeded, isAsync: true, cancellationToken);

        return IsForeign(context)
            ? RunForeignAsync(context, state, operation, cancellationToken)
            : operation(context, state, cancellationToken);
    }

    /// <summary>Not asked: what is retried is decided here, by phase and state of the connection.</summary>
    protected override bool ShouldRetryOn(Exception exception) => false;

    private async Task<TResult> RunAsync<TState, TResult>(
        TState state,
        Func<DbContext, TState, CancellationToken, Task<TResult>> operation,
        Func<DbContext, TState, CancellationToken, Task<ExecutionResult<TResult>>>? verifySucceeded,
        bool isAsync,
        CancellationToken cancellationToken)
    {
        var context = Dependencies.CurrentContext.Context;
        EnsureNoTransaction(context);
        var services = FindServices();
        var started = services.Session.Time.GetTimestamp();
        ExceptionDispatchInfo? previous = null;
        ExceptionsEncountered.Clear();
        for (var number = 1; ; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var entering = StrategyReports.EnterAsync(services, previous, started, cancellationToken);
            // The synchronous calls of EF hold their thread, as they do while they wait for the server.
            var permit = isAsync || entering.IsCompleted
                ? await entering.ConfigureAwait(false)
                : entering.AsTask().GetAwaiter().GetResult();
            var attemptStarted = number == 1 ? started : services.Session.Time.GetTimestamp();
            var attempt = Attempt = new StrategyAttempt(context);
            // Flows into the operation; the caller's flow is as it was when this method returns.
            Current = this;
            try
            {
                var result = await operation(context, state, cancellationToken).ConfigureAwait(false);
                await StrategyReports.SucceedAsync(services, permit, attempt, attemptStarted).ConfigureAwait(false);
                return result;
            }
            catch (Exception exception)
            {
                previous = ExceptionDispatchInfo.Capture(exception);
            }
            finally
            {
                Attempt = null;
            }

            Current = null;
            var (verdict, faults) = attempt.JudgeThrown(previous.SourceException, IsBroken(context, previous.SourceException));
            await StrategyReports.FailAsync(services, permit, attempt, verdict, faults, attemptStarted).ConfigureAwait(false);
            if (verdict == FailureVerdict.Ambiguous)
                previous = Unverified(previous.SourceException);
            if (previous.SourceException is AmbiguousCommitException && verifySucceeded is not null)
            {
                var known = await RunAsync(state, verifySucceeded, verifySucceeded: null, isAsync, cancellationToken).ConfigureAwait(false);
                if (known.IsSuccessful)
                    return known.Result;
            }

            var delay = cancellationToken.IsCancellationRequested
                ? null
                : SessionRetryPolicy.NextDelay(services.Session, services.Node, DbSessionOptions.Default, verdict, number, started);
            if (delay is null)
                previous.Throw();

            StrategyReports.Retry(services, attempt, previous.SourceException, verdict, number, delay.Value);
            ExceptionsEncountered.Add(previous.SourceException);
            Dependencies.Logger.ExecutionStrategyRetrying(ExceptionsEncountered, delay.Value, isAsync);
            attempt.Snapshot?.Restore(context);
            var wait = Task.Delay(delay.Value, services.Session.Time, cancellationToken);
            if (isAsync)
                await wait.ConfigureAwait(false);
            else
                wait.GetAwaiter().GetResult();
        }
    }

    private static IRelationalConnection FindConnection(DbContext context)
    {
        // Without its commands the strategy would take writes for reads and repeat them.
        if (context.GetService<IRelationalCommandBuilderFactory>() is not StrategyCommandBuilderFactory)
        {
            throw new InvalidOperationException("UseDataResilience replaces EF's IRelationalCommandBuilderFactory, and the context has "
                + "another one. Remove UseInternalServiceProvider, or the ReplaceService that sets it.");
        }

        return context.GetService<IRelationalConnection>();
    }

    private static async Task<TResult> RunForeignAsync<TState, TResult>(
        DbContext context,
        TState state,
        Func<DbContext, TState, CancellationToken, Task<TResult>> operation,
        CancellationToken cancellationToken)
    {
        try
        {
            return await operation(context, state, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (NoteForeign(context, exception))
        {
            throw;
        }
    }

    /// <summary>Whether another context's strategy runs the operation that this context is used in.</summary>
    private static bool IsForeign(DbContext context) =>
        StrategyAttempt.Of(context) is { } attempt && attempt.Context.GetType() != context.GetType();

    /// <summary>Notes that it was not the database of the outer operation that failed. Returns false: nothing is caught.</summary>
    private static bool NoteForeign(DbContext context, Exception exception)
    {
        if (IsForeign(context) && FailureClassifier.DriverFailureOf(exception, connectionBroken: false) is not null)
            StrategyAttempt.Of(context)!.Failed(context, exception, IsBroken(context, exception));

        return false;
    }

    private static ExceptionDispatchInfo Unverified(Exception exception) =>
        ExceptionDispatchInfo.Capture(new AmbiguousCommitException(
            "the statement committed by itself, outside of a transaction, and its answer was lost.",
            CommitOutcome.Unknown,
            transactionId: null,
            systemIdentifier: null,
            timeline: null,
            exception));

    /// <summary>
    /// A connection that EF has closed since may have been broken: then a failure of the driver counts as one that broke it. A query may be
    /// repeated either way.
    /// </summary>
    private static bool IsBroken(DbContext context, Exception exception) =>
        context.Database.GetDbConnection() is not NpgsqlConnection connection || connection.FullState == ConnectionState.Closed
            ? FailureClassifier.DriverFailureOf(exception, connectionBroken: false) is not null || FailureClassifier.IsTornDown(exception)
            : FailureClassifier.IsBroken(connection);

    private static bool IsSuspended(DbContext context) => Current is not null || StrategyAttempt.IsInSession(context);

    private static void EnsureNoTransaction(DbContext context)
    {
        if (context.Database.CurrentTransaction is null && context.Database.GetEnlistedTransaction() is null
            && Transaction.Current is null)
        {
            return;
        }

        throw new InvalidOperationException(
            "The operation runs in a transaction that was begun outside of the execution strategy, so it could not be retried as a whole. "
            + "Begin, save and commit in one delegate: var strategy = context.Database.CreateExecutionStrategy(); "
            + "await strategy.ExecuteAsync(async () => { await using var transaction = await context.Database.BeginTransactionAsync(); "
            + "…; await transaction.CommitAsync(); }); or use IDbSessionFactory<TContext>.WriteAsync.");
    }
}
