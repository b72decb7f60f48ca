using Data.Resilience.Connections;
using Data.Resilience.Retry;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Data.Resilience.Outbox;

/// <summary>Listens for notifications on a connection of its own, and notices when none can arrive.</summary>
/// <remarks>
/// Behind a pooler of transactions LISTEN succeeds and nothing ever arrives. So a notification of its own goes out at intervals, on another
/// connection; when it does not come back, the listener is silent. That also finds a connection that died without a word.
/// </remarks>
internal sealed class OutboxListener(
    DatabaseNode listens, DatabaseNode sends, OutboxStatements statements, OutboxSignal signal, TimeProvider time, ILogger logger)
{
    private const string ProbePrefix = "probe ";
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan EchoTimeout = TimeSpan.FromSeconds(5);
    private readonly Backoff _backoff = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5), seed: null);
    private readonly string _probe = ProbePrefix + Guid.NewGuid().ToString("N");
    private readonly OutboxSignal _echo = new();
    private volatile bool _wasHeard;
    private volatile bool _isSilent;

    /// <summary>Whether the listener's own notifications did not come back.</summary>
    public bool IsSilent => _isSilent;

    /// <summary>Listens until cancelled. Never throws.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var connection = await listens.DataSource.OpenConnectionAsync(stopping).ConfigureAwait(false);
                await using var owned = connection.ConfigureAwait(false);
                await ListenAsync(connection, stopping).ConfigureAwait(false);
                failures = 0;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                OutboxLog.ListenerFailed(logger, exception, sends.Name);
                failures++;
            }

            await _echo.WaitAsync(_isSilent ? ProbeInterval : _backoff.Next(Math.Max(failures, 1)), time, stopping).ConfigureAwait(false);
        }
    }

    /// <summary>Listens on a connection until it fails or is silent.</summary>
    private async Task ListenAsync(NpgsqlConnection connection, CancellationToken stopping)
    {
        connection.Notification += (_, notification) => Hear(notification.Payload);
        var command = new NpgsqlCommand($"LISTEN {statements.Channel}", connection);
        await using (command.ConfigureAwait(false))
            await command.ExecuteNonQueryAsync(stopping).ConfigureAwait(false);

        // What was committed while nobody listened.
        signal.Set();
        using var deaf = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var waiting = WaitAsync(connection, deaf.Token);
        try
        {
            while (!waiting.IsCompleted && await IsHeardAsync(stopping).ConfigureAwait(false))
                await Task.WhenAny(waiting, Task.Delay(ProbeInterval, time, deaf.Token)).ConfigureAwait(false);
        }
        finally
        {
            await deaf.CancelAsync().ConfigureAwait(false);
            await waiting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (waiting.IsFaulted)
            await waiting.ConfigureAwait(false);
    }

    private static async Task WaitAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        while (true)
            await connection.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private void Hear(string payload)
    {
        if (!payload.StartsWith(ProbePrefix, StringComparison.Ordinal))
        {
            signal.Set();
        }
        else if (string.Equals(payload, _probe, StringComparison.Ordinal))
        {
            _wasHeard = true;
            _echo.Set();
        }
    }

    private async Task<bool> IsHeardAsync(CancellationToken stopping)
    {
        _wasHeard = false;
        var command = sends.DataSource.CreateCommand("SELECT pg_notify($1, $2)");
        await using (command.ConfigureAwait(false))
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = statements.Tables.ChannelName });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _probe });
            await command.ExecuteNonQueryAsync(stopping).ConfigureAwait(false);
        }

        var sent = time.GetTimestamp();
        while (!_wasHeard && !stopping.IsCancellationRequested && EchoTimeout - time.GetElapsedTime(sent) is { Ticks: > 0 } left)
            await _echo.WaitAsync(left, time, stopping).ConfigureAwait(false);

        if (stopping.IsCancellationRequested || _wasHeard == !_isSilent)
            return _wasHeard;

        _isSilent = !_wasHeard;
        if (_isSilent)
            OutboxLog.ListenerSilent(logger, sends.Name);
        else
            OutboxLog.ListenerHeard(logger, sends.Name);
        return _wasHeard;
    }
}
