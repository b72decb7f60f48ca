using System.Data;
using Data.Resilience.Connections;
using Data.Resilience.Internal;
using Npgsql;

namespace Data.Resilience.Sessions;

/// <summary>Gives back what a session used, once nothing runs on it any more; what takes long goes on without the caller.</summary>
/// <remarks>Safe for concurrent use. Never throws: the outcome of the session is decided by then.</remarks>
internal sealed class SessionRelease(SessionServices services)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(10);

    /// <summary>Rolls back what is not committed and gives back the context and the connection.</summary>
    /// <param name="session">A completed session.</param>
    /// <param name="running">Its last step, which may be running still.</param>
    /// <param name="limit">Time for which the caller waits.</param>
    public ValueTask RunAsync(DbSession session, Task? running, TimeSpan limit)
    {
        if (!session.IsOpen)
            return ValueTask.CompletedTask;

        if (running is { IsCompleted: false })
        {
            Abandon(session, WhenEndedAsync(session, running));
            return ValueTask.CompletedTask;
        }

        var isInUse = session.HasJoinedCalls || session.Connection.FullState.HasFlag(ConnectionState.Executing);
        var releasing = isInUse ? new ValueTask(WhenEndedAsync(session, Task.CompletedTask)) : ReleaseAsync(session);
        return releasing.IsCompletedSuccessfully ? ValueTask.CompletedTask : AwaitAsync(session, releasing.AsTask(), limit);
    }

    /// <summary>Gives back a connection that comes too late.</summary>
    public void Discard(DbSession session, Task<NpgsqlConnection> opening)
    {
        Abandon(session, WhenOpenedAsync());

        async Task WhenOpenedAsync()
        {
            try
            {
                await (await opening.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                SessionLog.CleanUpFailed(services.Logger, exception);
            }
        }
    }

    private async ValueTask AwaitAsync(DbSession session, Task releasing, TimeSpan limit)
    {
        try
        {
            await releasing.WaitAsync(limit, services.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Abandon(session, releasing);
        }
    }

    /// <summary>Leaves a task that does not throw to itself.</summary>
    private void Abandon(DbSession session, Task task)
    {
        SessionLog.Abandoned(services.Logger, session.Node.Name, session.Phase);
        ResilienceTelemetry.AbandonedSteps.Add(1, new KeyValuePair<string, object?>(ResilienceTelemetry.NodeTag, session.Node.Name));
        _ = task;
    }

    private async Task WhenEndedAsync(DbSession session, Task running)
    {
        try
        {
            await running.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            SessionLog.CleanUpFailed(services.Logger, exception);
        }

        await session.JoinedCallsEndedAsync().ConfigureAwait(false);
        // A command that nobody awaits is still being answered; the driver would refuse to close under it.
        while (session.Connection.FullState.HasFlag(ConnectionState.Executing))
            await Task.Delay(PollInterval, services.Time).ConfigureAwait(false);

        await ReleaseAsync(session).ConfigureAwait(false);
    }

    private ValueTask ReleaseAsync(DbSession session)
    {
        try
        {
            session.ReturnContext();
        }
        catch (Exception exception)
        {
            // The context is lost to its pool.
            SessionLog.CleanUpFailed(services.Logger, exception);
        }

        // Closing rolls back. The transaction is not disposed of: the driver would hand the same object to the next session on the same
        // physical connection, and with it to whoever has kept it.
        if (session.WasRefused)
            return ForgetRefusedAsync(session);

        var closing = session.Connection.DisposeAsync();
        return closing.IsCompletedSuccessfully ? ValueTask.CompletedTask : FinishAsync(session, closing);
    }

    private async ValueTask FinishAsync(DbSession session, ValueTask closing)
    {
        try
        {
            await closing.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Over a broken connection; the server has rolled back by itself.
            SessionLog.CleanUpFailed(services.Logger, exception);
            await TornConnection.DisposeAsync(session.Connection).ConfigureAwait(false);
        }
    }

    /// <summary>A refusal inside the driver can leave a statement that it takes for prepared and that was never sent.</summary>
    private async ValueTask ForgetRefusedAsync(DbSession session)
    {
        try
        {
            // The driver has it without async only.
            await Task.Run(session.Connection.UnprepareAll).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            SessionLog.CleanUpFailed(services.Logger, exception);
        }

        await FinishAsync(session, session.Connection.DisposeAsync()).ConfigureAwait(false);
    }
}
