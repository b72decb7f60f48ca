using Data.Resilience.Connections;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Data.Resilience.Outbox;

/// <summary>
/// Sends NOTIFY outside of the transactions that it tells of: at most one is on its way, and what is committed meanwhile shares the next.
/// </summary>
/// <remarks>
/// A transaction that does nothing but notify writes nothing, so it holds PostgreSQL's lock of the notification queue for microseconds and
/// not for the flush of a commit. Best effort: what it cannot tell, a poll finds.
/// </remarks>
internal sealed class OutboxNotifier(DatabaseNode node, OutboxStatements statements, TimeProvider time, ILogger logger)
{
    /// <summary>Pause after a notification: an idle dispatcher is told at once, a stream of commits is not doubled in statements.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private const int Idle = 0, Sending = 1, SendingAndWanted = 2;
    private int _state;

    public void Notify()
    {
        if (Interlocked.CompareExchange(ref _state, Sending, Idle) == Idle)
            _ = Task.Run(SendAsync);
        else if (Interlocked.CompareExchange(ref _state, SendingAndWanted, Sending) == Idle)
            Notify();
    }

    private async Task SendAsync()
    {
        do
        {
            Volatile.Write(ref _state, Sending);
            try
            {
                var command = node.DataSource.CreateCommand("SELECT pg_notify($1, '')");
                await using var owned = command.ConfigureAwait(false);
                command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = statements.Tables.ChannelName });
                await command.ExecuteNonQueryAsync().ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                OutboxLog.NotifyFailed(logger, exception, node.Name);
            }

            await Task.Delay(Pause, time).ConfigureAwait(false);
        }
        while (Interlocked.CompareExchange(ref _state, Idle, Sending) == SendingAndWanted);
    }
}
