using System.Data.Common;
using System.Transactions;
using Data.Resilience.Transience;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Npgsql;

namespace Data.Resilience.ExecutionStrategies;

/// <summary>
/// Notes for the strategy what was sent, what may have committed by itself and how it failed, and gives ExecuteUpdate and ExecuteDelete a
/// transaction.
/// </summary>
/// <remarks>Without state; one instance serves all contexts.</remarks>
internal sealed class CommandObserver : IDbCommandInterceptor
{
    public static readonly CommandObserver Instance = new();

    private CommandObserver()
    {
    }

    public InterceptionResult<DbDataReader> ReaderExecuting(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
    {
        Sending(command, eventData);
        return result;
    }

    public InterceptionResult<object> ScalarExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<object> result)
    {
        Sending(command, eventData);
        return result;
    }

    public InterceptionResult<int> NonQueryExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<int> result)
    {
        Begin(command, eventData);
        Sending(command, eventData);
        return result;
    }

    public ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command,
        CommandEventData eventData,
        InterceptionResult<DbDataReader> result,
        CancellationToken cancellationToken = default)
    {
        Sending(command, eventData);
        return ValueTask.FromResult(result);
    }

    public ValueTask<InterceptionResult<object>> ScalarExecutingAsync(
        DbCommand command,
        CommandEventData eventData,
        InterceptionResult<object> result,
        CancellationToken cancellationToken = default)
    {
        Sending(command, eventData);
        return ValueTask.FromResult(result);
    }

    public ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Begin(command, eventData);
        Sending(command, eventData);
        return ValueTask.FromResult(result);
    }

    public int NonQueryExecuted(DbCommand command, CommandExecutedEventData eventData, int result)
    {
        CommitAsync(eventData.Context, isAsync: false, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        return result;
    }

    public async ValueTask<int> NonQueryExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        await CommitAsync(eventData.Context, isAsync: true, cancellationToken).ConfigureAwait(false);
        return result;
    }

    public void CommandFailed(DbCommand command, CommandErrorEventData eventData) =>
        FailedAsync(command, eventData.Context, eventData.Exception, isAsync: false).AsTask().GetAwaiter().GetResult();

    public Task CommandFailedAsync(DbCommand command, CommandErrorEventData eventData, CancellationToken cancellationToken = default) =>
        FailedAsync(command, eventData.Context, eventData.Exception, isAsync: true).AsTask();

    public void CommandCanceled(DbCommand command, CommandEndEventData eventData) =>
        FailedAsync(command, eventData.Context, exception: null, isAsync: false).AsTask().GetAwaiter().GetResult();

    public Task CommandCanceledAsync(DbCommand command, CommandEndEventData eventData, CancellationToken cancellationToken = default) =>
        FailedAsync(command, eventData.Context, exception: null, isAsync: true).AsTask();

    private static void Sending(DbCommand command, CommandEventData eventData)
    {
        if (StrategyAttempt.Of(eventData.Context) is not { } attempt)
            return;

        var isAlone = command.Transaction is null && attempt.Own is null && Transaction.Current is null;
        attempt.Sending(commits: isAlone && !StatementKind.IsRead(eventData.CommandSource, command.CommandText));
    }

    /// <summary>Begins a transaction for the statement; BEGIN travels with it.</summary>
    private static void Begin(DbCommand command, CommandEventData eventData)
    {
        if (eventData.CommandSource is CommandSource.ExecuteUpdate or CommandSource.ExecuteDelete
            && command.Transaction is null
            && Transaction.Current is null
            && eventData.Context!.Database.GetEnlistedTransaction() is null
            && StrategyAttempt.Of(eventData.Context) is { } attempt
            && ResilientExecutionStrategy.Of(eventData.Context)?.FindServices().VerifySingleStatements == true)
        {
            // Sends nothing, so there is nothing to await.
            attempt.Own = ((NpgsqlConnection)command.Connection!).BeginTransaction();
        }
    }

    private static async ValueTask CommitAsync(DbContext? context, bool isAsync, CancellationToken cancellationToken)
    {
        if (StrategyAttempt.Of(context) is not { } attempt)
            return;

        if (attempt.Own is not { } transaction)
        {
            attempt.Settle();
            return;
        }

        var services = ResilientExecutionStrategy.Of(context)!.FindServices();
        await VerifiedCommit.RunAsync(services, transaction, context!, isAsync, cancellationToken).ConfigureAwait(false);
        attempt.Own = null;
    }

    private static async ValueTask FailedAsync(DbCommand command, DbContext? context, Exception? exception, bool isAsync)
    {
        if (StrategyAttempt.Of(context) is not { } attempt)
            return;

        var isBroken = command.Connection is not NpgsqlConnection connection || FailureClassifier.IsBroken(connection);
        if (exception is not null)
            attempt.Failed(context!, exception, isBroken);
        if (attempt.Own is not { } transaction)
            return;

        attempt.Own = null;
        if (isAsync)
            await transaction.DisposeAsync().ConfigureAwait(false);
        else
            transaction.Dispose();
    }
}
