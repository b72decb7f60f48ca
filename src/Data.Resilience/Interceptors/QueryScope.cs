using System.Data.Common;
using System.Runtime.InteropServices;
using Data.Resilience.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace Data.Resilience.Interceptors;

/// <summary>
/// What one session, or one lease of a context outside of sessions, has done. A scoped service of EF, emptied by EF itself when a pooled
/// context goes back; a session that begins with its bare connection gets one of its own. Not thread-safe, as neither of them is.
/// </summary>
internal sealed class QueryScope(QueryMonitor monitor, bool isOfContext) : IResettableService, IDisposable
{
    private readonly Dictionary<QueryFingerprint, Repetition> _repetitions = [];
    private long _databaseTicks;
    private CallSite _previous;
    private Statement? _bare;
    private long _bareStarted;

    public QueryMonitor Monitor { get; } = monitor;

    public int QueryCount { get; private set; }

    public TimeSpan DatabaseTime => TimeSpan.FromTicks(_databaseTicks);

    /// <summary>Whether a command runs that is accounted for elsewhere; what the driver says of it is left out.</summary>
    public bool IsBusy { get; set; }

    /// <summary>Returns the scope of a session; makes one for a session that has used no context yet.</summary>
    public static QueryScope Of(DbSession session, QueryMonitor monitor) =>
        (QueryScope)(session.Observation ??= new QueryScope(monitor, isOfContext: false));

    /// <summary>Returns the scope that a context's commands count in; null without diagnostics.</summary>
    public static QueryScope? Of(DbContext context)
    {
        var session = ContextOwner.Of(context).Session;
        if (session?.Observation is QueryScope own)
            return own;

        var scope = (QueryScope?)((IInfrastructure<IServiceProvider>)context).Instance.GetService(typeof(QueryScope));
        if (session is not null)
            session.Observation = scope;
        return scope;
    }

    public void Starting()
    {
        QueryCount++;
        IsBusy = true;
    }

    /// <summary>Looks for a repetition; throws when it was asked to.</summary>
    /// <param name="statement">The statement that is about to be sent.</param>
    /// <param name="parameters">Its parameters; null when they cannot be seen.</param>
    public void Sending(Statement statement, DbParameterCollection? parameters)
    {
        if (!Monitor.NPlusOne.Enabled)
            return;
        var previous = _previous;
        _previous = CallSite.Of(statement);
        if (!statement.Shape.IsQuery)
            return;
        ref var repetition = ref CollectionsMarshal.GetValueRefOrAddDefault(_repetitions, statement.Fingerprint, out _);
        var lookup = parameters is null
            ? statement.Shape.LookupWithoutValues(repetition.Executions)
            : statement.Shape.LookupOf(parameters);
        _previous = Monitor.NPlusOne.Observe(ref repetition, statement, lookup, previous, isBare: parameters is null);
    }

    public void Finished(Statement statement, in CommandCompletion completion)
    {
        IsBusy = false;
        _databaseTicks += completion.Duration.Ticks;
        Monitor.Finished(statement, completion);
    }

    /// <summary>Accounts for the beginning of a command on the bare connection, unless it is accounted for already.</summary>
    public void StartBare(string commandText)
    {
        if (IsBusy)
            return;
        var statement = Monitor.Find(commandText);
        Sending(statement, parameters: null);
        EndBare(failed: true);
        QueryCount++;
        _bare = statement;
        _bareStarted = Monitor.Time.GetTimestamp();
    }

    /// <summary>Accounts for the end of a command on the bare connection, its result read.</summary>
    /// <param name="failed">Whether the driver never told of the end: the connection was lost.</param>
    public void EndBare(bool failed = false)
    {
        if (_bare is not { } statement)
            return;
        _bare = null;
        Finished(statement, new CommandCompletion(Monitor.Time.GetElapsedTime(_bareStarted), failed));
    }

    /// <summary>Accounts for a command that EF did not send; never for the N+1 detector, as such a command is a batch already.</summary>
    public void Ran(string commandText, TimeSpan duration, long rows, bool failed)
    {
        var statement = Monitor.Find(commandText);
        Finished(statement, new CommandCompletion(duration, failed));
        statement.Statistics.AddRows(rows);
    }

    public void AddReadTime(TimeSpan duration) => _databaseTicks += duration.Ticks;

    /// <summary>Ends the account of a session that has one of its own; that of a context ends with its lease.</summary>
    public void SessionClosed()
    {
        if (!isOfContext)
            ResetState();
    }

    public void ResetState()
    {
        EndBare(failed: true);
        if (QueryCount == 0)
            return;
        Monitor.SessionEnded(QueryCount, DatabaseTime);
        QueryCount = 0;
        IsBusy = false;
        _databaseTicks = 0;
        _previous = default;
        _repetitions.Clear();
    }

    public Task ResetStateAsync(CancellationToken cancellationToken = default)
    {
        ResetState();
        return Task.CompletedTask;
    }

    public void Dispose() => ResetState();
}
