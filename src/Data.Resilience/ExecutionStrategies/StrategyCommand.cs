using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Transactions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Data.Resilience.ExecutionStrategies;

/// <summary>
/// EF's command, which notes for the strategy what was sent, what may have committed by itself and how it failed, and gives ExecuteUpdate
/// and ExecuteDelete a transaction.
/// </summary>
/// <remarks>
/// Why not a DbCommandInterceptor: its mere presence makes a single-row read two percent slower. Queries of LINQ, which may be repeated
/// whatever happened, cost two look-ups here.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "The reader is EF's, which disposes it after every execution.")]
internal class StrategyCommand(
    RelationalCommandBuilderDependencies dependencies,
    string commandText,
    string logCommandText,
    IReadOnlyList<IRelationalParameter> parameters)
    : RelationalCommand(dependencies, commandText, logCommandText, parameters)
{
    /// <summary>Called by EF with the connection open, right before the driver gets the command.</summary>
    public override DbCommand CreateDbCommand(
        RelationalCommandParameterObject parameterObject, Guid commandId, DbCommandMethod commandMethod)
    {
        var command = base.CreateDbCommand(parameterObject, commandId, commandMethod);
        if (StrategyAttempt.Of(parameterObject.Context) is not { } attempt)
            return command;

        var isAlone = command.Transaction is null && Transaction.Current is null;
        if (isAlone && IsSingleWrite(parameterObject))
        {
            // BEGIN travels with the statement.
            attempt.Own = ((NpgsqlConnection)command.Connection!).BeginTransaction();
            isAlone = false;
        }

        attempt.Sending(commits: isAlone && !StatementKind.IsRead(parameterObject.CommandSource, CommandText));
        return command;
    }

    public override int ExecuteNonQuery(RelationalCommandParameterObject parameterObject)
    {
        if (CommandWatch.Of(parameterObject) is not { } watch)
            return base.ExecuteNonQuery(parameterObject);

        watch.OpenAsync(isAsync: false, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        try
        {
            var affected = base.ExecuteNonQuery(parameterObject);
            watch.CompleteAsync(isAsync: false, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            return affected;
        }
        catch (Exception exception)
        {
            watch.Failed(exception);
            throw;
        }
        finally
        {
            watch.CloseAsync(isAsync: false).AsTask().GetAwaiter().GetResult();
        }
    }

    public override async Task<int> ExecuteNonQueryAsync(
        RelationalCommandParameterObject parameterObject, CancellationToken cancellationToken = default)
    {
        if (CommandWatch.Of(parameterObject) is not { } watch)
            return await base.ExecuteNonQueryAsync(parameterObject, cancellationToken).ConfigureAwait(false);

        await watch.OpenAsync(isAsync: true, cancellationToken).ConfigureAwait(false);
        try
        {
            var affected = await base.ExecuteNonQueryAsync(parameterObject, cancellationToken).ConfigureAwait(false);
            await watch.CompleteAsync(isAsync: true, cancellationToken).ConfigureAwait(false);
            return affected;
        }
        catch (Exception exception)
        {
            watch.Failed(exception);
            throw;
        }
        finally
        {
            await watch.CloseAsync(isAsync: true).ConfigureAwait(false);
        }
    }

    public override object? ExecuteScalar(RelationalCommandParameterObject parameterObject)
    {
        if (CommandWatch.Of(parameterObject) is not { } watch)
            return base.ExecuteScalar(parameterObject);

        watch.OpenAsync(isAsync: false, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        try
        {
            var result = base.ExecuteScalar(parameterObject);
            watch.CompleteAsync(isAsync: false, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            return result;
        }
        catch (Exception exception)
        {
            watch.Failed(exception);
            throw;
        }
        finally
        {
            watch.CloseAsync(isAsync: false).AsTask().GetAwaiter().GetResult();
        }
    }

    public override async Task<object?> ExecuteScalarAsync(
        RelationalCommandParameterObject parameterObject, CancellationToken cancellationToken = default)
    {
        if (CommandWatch.Of(parameterObject) is not { } watch)
            return await base.ExecuteScalarAsync(parameterObject, cancellationToken).ConfigureAwait(false);

        await watch.OpenAsync(isAsync: true, cancellationToken).ConfigureAwait(false);
        try
        {
            var result = await base.ExecuteScalarAsync(parameterObject, cancellationToken).ConfigureAwait(false);
            await watch.CompleteAsync(isAsync: true, cancellationToken).ConfigureAwait(false);
            return result;
        }
        catch (Exception exception)
        {
            watch.Failed(exception);
            throw;
        }
        finally
        {
            await watch.CloseAsync(isAsync: true).ConfigureAwait(false);
        }
    }

    public override RelationalDataReader ExecuteReader(RelationalCommandParameterObject parameterObject)
    {
        if (CommandWatch.Of(parameterObject) is not { } watch)
            return base.ExecuteReader(parameterObject);

        watch.OpenAsync(isAsync: false, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        try
        {
            return base.ExecuteReader(parameterObject);
        }
        catch (Exception exception)
        {
            watch.Failed(exception);
            throw;
        }
        finally
        {
            watch.CloseAsync(isAsync: false).AsTask().GetAwaiter().GetResult();
        }
    }

    public override Task<RelationalDataReader> ExecuteReaderAsync(
        RelationalCommandParameterObject parameterObject, CancellationToken cancellationToken = default) =>
        CommandWatch.Of(parameterObject) is { } watch
            ? WatchReaderAsync(watch, parameterObject, cancellationToken)
            : base.ExecuteReaderAsync(parameterObject, cancellationToken);

    private async Task<RelationalDataReader> WatchReaderAsync(
        CommandWatch watch, RelationalCommandParameterObject parameterObject, CancellationToken cancellationToken)
    {
        await watch.OpenAsync(isAsync: true, cancellationToken).ConfigureAwait(false);
        try
        {
            return await base.ExecuteReaderAsync(parameterObject, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            watch.Failed(exception);
            throw;
        }
        finally
        {
            await watch.CloseAsync(isAsync: true).ConfigureAwait(false);
        }
    }

    private static bool IsSingleWrite(in RelationalCommandParameterObject parameterObject) =>
        parameterObject.CommandSource is CommandSource.ExecuteUpdate or CommandSource.ExecuteDelete
        && parameterObject.Context!.Database.GetEnlistedTransaction() is null
        && ResilientExecutionStrategy.Of(parameterObject.Context)?.FindServices().VerifySingleStatements == true;
}
