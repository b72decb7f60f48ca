using System.Diagnostics;
using Data.Resilience.Connections;
using Npgsql;

namespace Data.Resilience.Pooling;

/// <summary>
/// Opens from the pool, measures the wait, tests connections that were idle, and distinguishes an exhausted pool from a dead server.
/// </summary>
internal sealed class MonitoredConnectionOpener(PoolMonitor monitor) : IConnectionOpener
{
    private const int MaxStaleCount = 16;

    public ValueTask<NpgsqlConnection> OpenAsync(DatabaseNode node, CancellationToken cancellationToken)
    {
        // Not async itself: here the caller's frames are still on the stack.
        var stack = monitor.Options.LeakThreshold is null ? null : new StackTrace(1, fNeedFileInfo: true);
        return OpenAsync(node, stack, cancellationToken);
    }

    private async ValueTask<NpgsqlConnection> OpenAsync(DatabaseNode node, StackTrace? stack, CancellationToken cancellationToken)
    {
        var pool = monitor.PoolOf(node);
        for (var stale = 0; ; stale++)
        {
            var connection = await WaitAsync(pool, node.DataSource, cancellationToken).ConfigureAwait(false);
            var processId = connection.ProcessID;
            if (stale >= MaxStaleCount || !IsDue(pool, processId)
                || await IsAliveAsync(connection, cancellationToken).ConfigureAwait(false))
            {
                pool.Track(connection, processId, stack);
                return connection;
            }

            // Npgsql throws a connection away that broke; the next one comes from the pool, or is new.
            pool.Forget(processId);
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask<NpgsqlConnection> WaitAsync(
        MonitoredPool pool,
        NpgsqlDataSource dataSource,
        CancellationToken cancellationToken)
    {
        var started = monitor.Time.GetTimestamp();
        pool.BeginWait();
        try
        {
            return await dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (NpgsqlException e) when (IsExhaustion(e))
        {
            monitor.Exhausted(pool);
            throw pool.Exhaust(monitor.Time.GetElapsedTime(started), e);
        }
        catch (OperationCanceledException e) when (pool.IsFull)
        {
            // The attempt's time was over before the wait's: still it is the pool that was short.
            monitor.Exhausted(pool);
            throw pool.Exhaust(monitor.Time.GetElapsedTime(started), e);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            pool.NoteFailure();
            throw;
        }
        finally
        {
            pool.EndWait();
            monitor.Waited(pool, monitor.Time.GetElapsedTime(started));
        }
    }

    // Npgsql has no type or code for it; a time-out of the network while connecting has the same inner exception and other words.
    private static bool IsExhaustion(NpgsqlException exception) =>
        exception.InnerException is TimeoutException && exception.Message.Contains("pool has been exhausted", StringComparison.Ordinal);

    private bool IsDue(MonitoredPool pool, int processId) =>
        monitor.Options.PrePingAfter is { } after && pool.IdleTime(processId) is { } idle && idle >= after;

    private async ValueTask<bool> IsAliveAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(monitor.Options.PrePingTimeout, monitor.Time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            // An empty statement is a full round trip and no work.
            var ping = new NpgsqlCommand(";", connection);
            await using var _ = ping.ConfigureAwait(false);
            await ping.ExecuteNonQueryAsync(linked.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested
            && e is (NpgsqlException or OperationCanceledException or IOException))
        {
            return false;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
