using Data.Resilience.Transience;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Data.Resilience.ExecutionStrategies;

/// <summary>Accompanies the execution of a command that is not a query of LINQ.</summary>
/// <remarks>
/// Holds the connection open meanwhile: EF closes it when a command fails, and whether it was broken then would not be known afterwards.
/// </remarks>
internal readonly struct CommandWatch
{
    private readonly StrategyAttempt _attempt;
    private readonly DbContext _context;
    private readonly IRelationalConnection _connection;

    private CommandWatch(StrategyAttempt attempt, DbContext context, IRelationalConnection connection)
    {
        _attempt = attempt;
        _context = context;
        _connection = connection;
    }

    /// <summary>Returns null for queries of LINQ and for commands outside of the strategy.</summary>
    public static CommandWatch? Of(in RelationalCommandParameterObject parameters) =>
        parameters.CommandSource != CommandSource.LinqQuery && StrategyAttempt.Of(parameters.Context) is { } attempt
            ? new CommandWatch(attempt, parameters.Context!, parameters.Connection)
            : null;

    public async ValueTask OpenAsync(bool isAsync, CancellationToken cancellationToken)
    {
        if (isAsync)
            await _connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        else
            _connection.Open();
    }

    /// <summary>Commits the transaction that was begun for the statement.</summary>
    public async ValueTask CompleteAsync(bool isAsync, CancellationToken cancellationToken)
    {
        if (_attempt.Own is not { } transaction)
        {
            _attempt.Settle();
            return;
        }

        var services = ResilientExecutionStrategy.Of(_context)!.FindServices();
        await VerifiedCommit.RunAsync(services, transaction, _context, isAsync, cancellationToken).ConfigureAwait(false);
        _attempt.Own = null;
    }

    public void Failed(Exception exception)
    {
        var isBroken = _connection.DbConnection is not NpgsqlConnection connection || FailureClassifier.IsBroken(connection);
        _attempt.Failed(_context, exception, isBroken);
    }

    /// <summary>Ends the transaction that was begun for the statement, if it still runs, and lets the connection go.</summary>
    public async ValueTask CloseAsync(bool isAsync)
    {
        var transaction = _attempt.Own;
        _attempt.Own = null;
        if (isAsync)
        {
            if (transaction is not null)
                await transaction.DisposeAsync().ConfigureAwait(false);
            await _connection.CloseAsync().ConfigureAwait(false);
        }
        else
        {
            transaction?.Dispose();
            _connection.Close();
        }
    }
}
