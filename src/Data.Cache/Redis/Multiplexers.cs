using StackExchange.Redis;

namespace Data.Cache.Redis;

/// <summary>Opens and closes connections, within their deadlines.</summary>
/// <remarks>
/// One attempt at a time: a late one is awaited and discarded before the next, so an unreachable address never has two clients.
/// </remarks>
internal sealed class Multiplexers(DataCacheOptions options, TimeProvider time)
{
    private Task _late = Task.CompletedTask;

    public async Task<ConnectionMultiplexer> ConnectAsync(CancellationToken cancellationToken)
    {
        await _late.WaitAsync(cancellationToken).ConfigureAwait(false);
        var attempt = ConnectionMultiplexer.ConnectAsync(Configure(options));
        try
        {
            return await attempt.WaitAsync(options.ConnectTimeout + options.RemoteHardTimeout, time, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception) when (!attempt.IsCompletedSuccessfully)
        {
            _late = attempt.ContinueWith(
                static late => Discard(late),
                CancellationToken.None,
                TaskContinuationOptions.None,
                TaskScheduler.Default);
            throw;
        }
    }

    /// <summary>Closes a connection in the background, because closing one to a frozen server can hang.</summary>
    public static void Discard(ConnectionMultiplexer multiplexer) => _ = Task.Run(() => Close(multiplexer));

    /// <summary>Returns the client's settings: those of the connection string, and those that the cache relies on.</summary>
    public static ConfigurationOptions Configure(DataCacheOptions options)
    {
        var configuration = ConfigurationOptions.Parse(options.Configuration!, ignoreUnknown: true);
        configuration.AbortOnConnectFail = true;
        configuration.ConnectRetry = 1;
        configuration.ConnectTimeout = (int)options.ConnectTimeout.TotalMilliseconds;

        // No caller waits for these (see RemoteGate). But the client drops a connection on which a call has timed out and nothing was read
        // for four times as long, so they are at least a second: one slow call must not cost the connection.
        configuration.SyncTimeout = configuration.AsyncTimeout = Math.Max(1000, (int)options.RemoteHardTimeout.TotalMilliseconds);
        configuration.ReconnectRetryPolicy = new ExponentialRetry(100, 5000);

        // By default the client keeps commands that are issued while disconnected and sends them after the reconnect: a write that its
        // caller was told had failed would then overwrite a newer one.
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        configuration.ClientName ??= "Data.Cache";
        return configuration;
    }

    private static void Discard(Task<ConnectionMultiplexer> late)
    {
        if (late.IsCompletedSuccessfully)
            Close(late.Result);
        else
            _ = late.Exception;
    }

    private static void Close(ConnectionMultiplexer multiplexer)
    {
        try
        {
            multiplexer.Close(allowCommandsToComplete: false);
            multiplexer.Dispose();
        }
        catch (Exception exception) when (exception is RedisException or ObjectDisposedException or TimeoutException or AggregateException)
        {
            // The connection is discarded; an error while closing it changes nothing.
        }
    }
}
