using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Data.Resilience.ExecutionStrategies;
using Data.Resilience.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;

namespace Data.Resilience.Interceptors;

/// <summary>EF's command, guarded by its session and, with diagnostics, timed and counted.</summary>
/// <remarks>
/// Why not a DbCommandInterceptor: its mere presence makes EF build some seven event objects per command (about 1 KB), eight times
/// what this package allows itself. A command belongs to one context, rents one reader, and is used by one call at a time, so its
/// state lives in fields and the scope is looked up once.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "The reader is EF's, which disposes it after every execution.")]
internal sealed class ObservedCommand(
    RelationalCommandBuilderDependencies dependencies,
    string commandText,
    string logCommandText,
    IReadOnlyList<IRelationalParameter> parameters)
    : StrategyCommand(dependencies, commandText, logCommandText, parameters)
{
    private DbContext? _context;
    private ContextOwner? _owner;
    private QueryScope? _ofContext;
    private QueryScope? _scope;
    private Statement? _statement;
    private string? _text;
    private string? _readText;
    private bool _isRefused;
    private IReadOnlyDictionary<string, object?>? _parameterValues;
    private IRelationalConnection? _connection;
    private ObservedDataReader? _reader;
    private long _started;

    public override int ExecuteNonQuery(RelationalCommandParameterObject parameterObject)
    {
        if (!Starting(parameterObject))
            return base.ExecuteNonQuery(parameterObject);
        var failed = true;
        try
        {
            var affected = base.ExecuteNonQuery(parameterObject);
            failed = false;
            AddAffected(affected);
            return affected;
        }
        finally
        {
            Finished(failed);
        }
    }

    public override async Task<int> ExecuteNonQueryAsync(
        RelationalCommandParameterObject parameterObject, CancellationToken cancellationToken = default)
    {
        if (!Starting(parameterObject))
            return await base.ExecuteNonQueryAsync(parameterObject, cancellationToken).ConfigureAwait(false);
        var failed = true;
        try
        {
            var affected = await base.ExecuteNonQueryAsync(parameterObject, cancellationToken).ConfigureAwait(false);
            failed = false;
            AddAffected(affected);
            return affected;
        }
        finally
        {
            Finished(failed);
        }
    }

    public override object? ExecuteScalar(RelationalCommandParameterObject parameterObject)
    {
        if (!Starting(parameterObject))
            return base.ExecuteScalar(parameterObject);
        var failed = true;
        try
        {
            var result = base.ExecuteScalar(parameterObject);
            failed = false;
            return result;
        }
        finally
        {
            Finished(failed);
        }
    }

    public override async Task<object?> ExecuteScalarAsync(
        RelationalCommandParameterObject parameterObject, CancellationToken cancellationToken = default)
    {
        if (!Starting(parameterObject))
            return await base.ExecuteScalarAsync(parameterObject, cancellationToken).ConfigureAwait(false);
        var failed = true;
        try
        {
            var result = await base.ExecuteScalarAsync(parameterObject, cancellationToken).ConfigureAwait(false);
            failed = false;
            return result;
        }
        finally
        {
            Finished(failed);
        }
    }

    public override RelationalDataReader ExecuteReader(RelationalCommandParameterObject parameterObject)
    {
        if (!Starting(parameterObject))
            return base.ExecuteReader(parameterObject);
        var failed = true;
        try
        {
            var reader = base.ExecuteReader(parameterObject);
            failed = false;
            return reader;
        }
        finally
        {
            Finished(failed);
        }
    }

    public override Task<RelationalDataReader> ExecuteReaderAsync(
        RelationalCommandParameterObject parameterObject, CancellationToken cancellationToken = default)
    {
        if (Starting(parameterObject))
            return Observe(this, base.ExecuteReaderAsync(parameterObject, cancellationToken));
        if (_owner?.Session is not { WasConnectionSeen: false } session)
            return base.ExecuteReaderAsync(parameterObject, cancellationToken);

        // It has passed the guard: the driver need not announce it, which costs more than the guard.
        session.IsInCommandOfEf = true;
        try
        {
            return base.ExecuteReaderAsync(parameterObject, cancellationToken);
        }
        finally
        {
            session.IsInCommandOfEf = false;
        }
    }

    // EF makes one reader per command and keeps it.
    protected override RelationalDataReader CreateRelationalDataReader() => _reader = new ObservedDataReader();

    // Static with two parameters: what the state machine captures is what one command costs.
    private static async Task<RelationalDataReader> Observe(ObservedCommand command, Task<RelationalDataReader> execution)
    {
        var failed = true;
        try
        {
            var reader = await execution.ConfigureAwait(false);
            failed = false;
            return reader;
        }
        finally
        {
            command.Finished(failed);
        }
    }

    /// <summary>The last step before the command is sent, and the only one that has its parameters as they are sent.</summary>
    public override DbCommand CreateDbCommand(
        RelationalCommandParameterObject parameterObject, Guid commandId, DbCommandMethod commandMethod)
    {
        var command = base.CreateDbCommand(parameterObject, commandId, commandMethod);
        if (_scope is not { IsBusy: true } scope)
            return command;
        try
        {
            scope.Sending(_statement!, command.Parameters);
            return command;
        }
        catch
        {
            // EF counts the connection as opened by then, and closes it only when the command fails.
            _isRefused = true;
            command.Dispose();
            parameterObject.Connection.Close();
            throw;
        }
    }

    private bool Starting(in RelationalCommandParameterObject parameterObject)
    {
        if (parameterObject.Context is not { } context)
            return false;
        var owner = ReferenceEquals(context, _context) ? _owner! : ContextOwner.Of(context);
        SessionGuard.EnsureOwned(owner);
        if (!ReferenceEquals(context, _context))
        {
            _context = context;
            _owner = owner;
            _ofContext = (QueryScope?)((IInfrastructure<IServiceProvider>)context).Instance.GetService(typeof(QueryScope));
            _text = null;
        }

        var session = owner.Session;
        if (session is { Kind: DbSessionKind.Read })
            EnsureReads();
        _scope = session is null ? _ofContext : (QueryScope?)(session.Observation ??= _ofContext);
        if (_scope is not { } scope)
            return false;

        // EF fills the same command with the same text again and again; hashing it each time is most of what finding its statement costs.
        if (!ReferenceEquals(_text, CommandText))
        {
            _text = CommandText;
            _statement = scope.Monitor.Find(_text);
        }

        scope.Starting();
        _parameterValues = parameterObject.ParameterValues;
        _connection = parameterObject.Connection;
        _started = scope.Monitor.Time.GetTimestamp();
        return true;
    }

    private void EnsureReads()
    {
        if (ReferenceEquals(_readText, CommandText))
            return;
        SessionGuard.EnsureReads(CommandText);
        _readText = CommandText;
    }

    private void Finished(bool failed)
    {
        var scope = _scope!;
        if (_isRefused)
        {
            _isRefused = scope.IsBusy = false;
            return;
        }

        var duration = scope.Monitor.Time.GetElapsedTime(_started);
        scope.Finished(_statement!, new CommandCompletion(duration, failed, this, _parameterValues, _connection!));
        _parameterValues = null;
        if (!failed)
            _reader?.Watch(scope, _statement!);
    }

    private void AddAffected(int affected)
    {
        if (affected > 0)
            _statement!.Statistics.AddRows(affected);
    }
}
