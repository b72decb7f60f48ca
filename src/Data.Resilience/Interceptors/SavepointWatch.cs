using Data.Resilience.Sessions;
using Microsoft.Extensions.Logging;

namespace Data.Resilience.Interceptors;

/// <summary>
/// Sees the savepoints that a delegate makes through the transaction object or EF, by being the driver's logger of transactions: what was
/// collected for the commit behind a savepoint goes when the transaction goes back to it.
/// </summary>
/// <remarks>Safe for concurrent use. Nothing is written to any log.</remarks>
internal sealed class SavepointWatch : ILogger
{
    // Npgsql's event ids, which it keeps stable.
    private const int Creating = 30100;
    private const int RolledBack = 30101;
    private const int Released = 30102;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) =>
        logLevel == LogLevel.Debug && DbSession.Current is { Kind: DbSessionKind.Write, IsCompleted: false };

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Id is not (Creating or RolledBack or Released) || DbSession.Current is not { } current
            || CommandWatch.OwnerOf(current, state) is not { } session || DriverLog<TState>.Text(state) is not string name)
        {
            return;
        }

        switch (eventId.Id)
        {
            case Creating:
                session.Savepoints.Created(name, session.CommitSteps);
                break;
            case RolledBack:
                session.Savepoints.RolledBack(name, session.CommitSteps);
                break;
            default:
                session.Savepoints.Released(name);
                break;
        }
    }
}
