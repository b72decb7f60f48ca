using System.Data;
using Data.Resilience.Sessions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Data.Resilience.Interceptors;

/// <summary>
/// Sees the commands on a data source's connections, those of the bare connection included, by being the driver's logger. Refuses writes
/// in read sessions and feeds query diagnostics.
/// </summary>
/// <remarks>
/// <para>
/// The driver announces a command in the calling flow after it has checked it and before it writes a byte; an exception thrown there leaves
/// the connection as it was. Tracing would show as much only while somebody listens to all activities of the driver, and its filters are
/// the application's.
/// </para>
/// <para>Safe for concurrent use. Nothing is written to any log.</para>
/// </remarks>
internal sealed class CommandWatch(QueryMonitor? monitor) : ILoggerFactory, ILogger
{
    // Npgsql's event ids, which it keeps stable.
    private const int Executing = 2000;
    private const int Completed = 2001;
    private const int StartingBinaryImport = 40001;
    private const int StartingTextImport = 40003;
    private const int StartingRawCopy = 40004;

    public ILogger CreateLogger(string categoryName) =>
        categoryName switch
        {
            "Npgsql.Command" or "Npgsql.Copy" => this,
            "Npgsql.Transaction" => new SavepointWatch(),
            _ => NullLogger.Instance,
        };

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) =>
        logLevel is LogLevel.Debug or LogLevel.Information
            && DbSession.Current is { IsCompleted: false, IsInCommandOfEf: false } session
            && (monitor is not null || Reads(session) || FollowsSavepoints(session));

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (DbSession.Current is not { IsCompleted: false } session)
            return;

        switch (eventId.Id)
        {
            case Executing:
                session.WasObserved = true;
                var text = DriverLog<TState>.Text(state);
                if (Reads(session) && MayWrite(text) && OwnerOf(session, state) is { Kind: DbSessionKind.Read } reader)
                {
                    reader.WasRefused = true;
                    throw ReadOnlySession.Refusal("A command that writes, or locks rows, was stopped");
                }

                if (monitor is not null && OwnerOf(session, state) is { } owner)
                    Observe(owner, monitor, TextOf(text));
                break;
            case Completed:
                if (OwnerOf(session, state) is { } completed)
                    Complete(completed, DriverLog<TState>.Text(state));
                break;
            case StartingBinaryImport or StartingTextImport or StartingRawCopy:
                session.WasObserved = true;
                if (OwnerOf(session, state) is { Kind: DbSessionKind.Read })
                    throw ReadOnlySession.Refusal("COPY into a table, or a raw COPY, was stopped");
                break;
        }
    }

    public void Dispose()
    {
        // Owns nothing.
    }

    /// <summary>Finds the session, among those that the calling flow is in, whose connection runs the command.</summary>
    public static DbSession? OwnerOf<TState>(DbSession current, TState state)
    {
        var processId = DriverLog<TState>.ProcessId(state);
        for (var session = current; session is not null; session = session.Outer)
        {
            if (session.IsOpen && session.Connection.FullState.HasFlag(ConnectionState.Open) && session.Connection.ProcessID == processId)
                return session;
        }

        return null;
    }

    /// <summary>Whether the session, or one around it whose connection its delegate may use, reads.</summary>
    private static bool Reads(DbSession session)
    {
        for (var one = session; one is not null; one = one.Outer)
        {
            if (one.Kind == DbSessionKind.Read)
                return true;
        }

        return false;
    }

    /// <summary>Whether something can be collected for the commit that a rollback to a savepoint drops.</summary>
    private static bool FollowsSavepoints(DbSession session) => session is { CollectsForCommit: true, Kind: DbSessionKind.Write };

    private void Complete(DbSession owner, object? text)
    {
        if (monitor is not null && owner.Observation is QueryScope scope)
            scope.EndBare();
        if (FollowsSavepoints(owner))
            SavepointStatements.Follow(owner, TextOf(text));
    }

    private static void Observe(DbSession owner, QueryMonitor monitor, string text)
    {
        try
        {
            QueryScope.Of(owner, monitor).StartBare(text);
        }
        catch (NPlusOneException)
        {
            owner.WasRefused = true;
            throw;
        }
    }

    private static bool MayWrite(object? text) => text switch
    {
        string single => ReadOnlySql.MayWrite(single),
        string[] several => Array.Exists(several, static one => ReadOnlySql.MayWrite(one)),
        // With parameter logging each text comes with its values, which stay here.
        (string, IEnumerable<object>)[] several => Array.Exists(several, static one => ReadOnlySql.MayWrite(one.Item1)),
        _ => true,
    };

    private static string TextOf(object? text) => text switch
    {
        string single => single,
        string[] several => string.Join("; ", several),
        (string, IEnumerable<object>)[] several => string.Join("; ", several.Select(static one => one.Item1)),
        _ => "",
    };
}
