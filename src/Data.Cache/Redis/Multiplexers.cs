using StackExchange.Redis;

namespace Data.Cache.Redis;

/// <summary>Makes and ends connections, within their time.</summary>
/// <remarks>
/// One attempt at a time: a late one is waited for and thrown away before the next, so a dead address never has two clients.
/// </remarks>
internal sealed class Multiplexers(DataCacheOptions options)
{
    private Task _late = Task.CompletedTask;

    public async Task<ConnectionMultiplexer> ConnectAsync(CancellationToken cancellationToken)
    {
        await _late.WaitAsync(cancellationToken).ConfigureAwait(false);
        var attempt = ConnectionMultiplexer.ConnectAsync(Configure(options), null);
        try
        {
            return await attempt.WaitAsync(options.ConnectTimeout + options.RemoteHardTimeout, cancellationToken).ConfigureAwait(false);
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

    /// <summary>Ends a connection in the background: to a frozen server even that can hang.</summary>
    public static void Discard(ConnectionMultiplexer multiplexer) => _ = Task.Run(() => Close(multiplexer));

    public static ConfigurationOptions Configure(DataCacheOptions options)
    {
        var configuration = ConfigurationOptions.Parse(options.Configuration!, ignoreUnknown: true);
        configuration.AbortOnConnectFail = true;
        configuration.ConnectRetry = 1;
        configuration.ConnectTimeout = (int)options.ConnectTimeout.TotalMilliseconds;
        configuration.SyncTimeout = configuration.AsyncTimeout = (int)options.RemoteHardTimeout.TotalMilliseconds;
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
            ((IDisposable)multiplexer).Dispose();
        }
        catch (Exception exception) when (exception is RedisException or ObjectDisposedException or TimeoutException or AggregateException)
        {
            // It is being thrown away; that it objects changes nothing.
        }
    }
}
