using System.Data.Common;
using Data.Resilience.Savepoints;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Data.Resilience.ExecutionStrategies;

/// <summary>Commits EF's transactions verified, and notes what the change tracker knew when an operation began one.</summary>
/// <remarks>Without state; one instance serves all contexts.</remarks>
internal sealed class TransactionObserver : IDbTransactionInterceptor
{
    public static readonly TransactionObserver Instance = new();

    private TransactionObserver()
    {
    }

    public DbTransaction TransactionStarted(DbConnection connection, TransactionEndEventData eventData, DbTransaction result)
    {
        Note(eventData.Context);
        return result;
    }

    public ValueTask<DbTransaction> TransactionStartedAsync(
        DbConnection connection, TransactionEndEventData eventData, DbTransaction result, CancellationToken cancellationToken = default)
    {
        Note(eventData.Context);
        return ValueTask.FromResult(result);
    }

    public InterceptionResult TransactionCommitting(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result) =>
        CommitAsync(transaction, eventData, result, isAsync: false, CancellationToken.None).AsTask().GetAwaiter().GetResult();

    public ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction,
        TransactionEventData eventData,
        InterceptionResult result,
        CancellationToken cancellationToken = default) =>
        CommitAsync(transaction, eventData, result, isAsync: true, cancellationToken);

    private static async ValueTask<InterceptionResult> CommitAsync(
        DbTransaction transaction,
        TransactionEventData eventData,
        InterceptionResult result,
        bool isAsync,
        CancellationToken cancellationToken)
    {
        if (result.IsSuppressed || transaction is not NpgsqlTransaction own || eventData.Context is not { } context
            || StrategyAttempt.IsInSession(context) || ResilientExecutionStrategy.Of(context) is not { } strategy)
        {
            return result;
        }

        await VerifiedCommit.RunAsync(strategy.FindServices(), own, context, isAsync, cancellationToken).ConfigureAwait(false);
        return InterceptionResult.Suppress();
    }

    /// <summary>
    /// A delegate that saves before it commits leaves saved entities behind; when the commit fails, the repetition must find them as they
    /// were. SaveChanges alone accepts nothing before its commit.
    /// </summary>
    private static void Note(DbContext? context)
    {
        if (StrategyAttempt.Of(context) is { Snapshot: null } attempt && ReferenceEquals(attempt.Context, context)
            && ResilientExecutionStrategy.Of(context) is { IsSaving: false })
        {
            attempt.Snapshot = ChangeTrackerSnapshot.Take(attempt.Context);
        }
    }
}
