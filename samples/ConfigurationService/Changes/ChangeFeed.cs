using System.Collections.Concurrent;
using ConfigurationService.Persistence;
using Data.Cache;
using Data.Health.Startup;
using Npgsql;

namespace ConfigurationService.Changes;

/// <summary>
/// Hears from the database what changed, by whomever, and drops it from the caches of this instance. What changed while nobody listened is
/// not known, so that every connection begins by dropping everything.
/// </summary>
internal sealed partial class ChangeFeed(
    DatabaseConnections connections,
    IEnumerable<IChangeListener> listeners,
    DataCache cache,
    IStartupGate gate,
    TimeProvider time,
    ILogger<ChangeFeed> logger) : BackgroundService
{
    private const string Channel = "configuration_changes";
    private const string Probe = "probe";

    // A server that is frozen or cut off sends no more than one that has no changes: it is asked, and must answer.
    private const int KeepAliveSeconds = 2;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan EchoLimit = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await gate.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var pause = FirstPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(() => pause = FirstPause, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Once per outage: health tells of the database itself.
                if (pause == FirstPause)
                    Lost(logger, e);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private async Task ListenAsync(Action onListening, CancellationToken cancellationToken)
    {
        var login = new NpgsqlConnectionStringBuilder(connections.Listen)
        {
            Pooling = false,
            KeepAlive = KeepAliveSeconds,
            CommandTimeout = KeepAliveSeconds,
            ApplicationName = "configuration-service feed",
        };
        await using var connection = new NpgsqlConnection(login.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        var heard = new ConcurrentQueue<string>();
        connection.Notification += (_, notification) => heard.Enqueue(notification.Payload);
        await ExecuteAsync(connection, $"LISTEN {Channel}", cancellationToken);
        await cache.RemoveByTagAsync("*", cancellationToken);
        onListening();

        await ExecuteAsync(connections.Application, $"SELECT pg_notify('{Channel}', '{Probe}')", cancellationToken);
        var echoed = false;
        using var echo = new CancellationTokenSource(EchoLimit, time);
        await using var silence = echo.Token.Register(() =>
        {
            if (!Volatile.Read(ref echoed))
                Silent(logger);
        });
        while (true)
        {
            await connection.WaitAsync(cancellationToken);
            while (heard.TryDequeue(out var payload))
            {
                Volatile.Write(ref echoed, true);
                await DropAsync(payload, cancellationToken);
            }
        }
    }

    private async ValueTask DropAsync(string payload, CancellationToken cancellationToken)
    {
        if (payload == Probe)
            return;
        var notice = ChangeNotice.Parse(payload);
        var listener = listeners.FirstOrDefault(l => l.Table == notice?.Table);
        if (notice?.Scope is { } scope && listener is not null)
            await listener.DropAsync(scope);
        else
            await cache.RemoveByTagAsync("*", cancellationToken);
    }

    private static async Task ExecuteAsync(string connectionString, string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        await ExecuteAsync(connection, sql, cancellationToken);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(5040, LogLevel.Warning, "The database's notices of changes are not heard; answers may be as old as Cache:TtlSeconds.")]
    private static partial void Lost(ILogger logger, Exception exception);

    [LoggerMessage(5041, LogLevel.Warning, "A notice sent to this instance did not arrive. A pooler of transactions hides them: name the "
        + "server itself in ConnectionStrings:PostgresListen.")]
    private static partial void Silent(ILogger logger);
}
