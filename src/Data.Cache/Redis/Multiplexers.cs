using StackExchange.Redis;

namespace Data.Cache.Redis;

/// <summary>Opens and closes connections, within their deadlines. A connection of the application is neither.</summary>
/// <remarks>
/// One attempt at a time: a late one is awaited and discarded before the next, so an unreachable address never has two clients.
/// </remarks>
internal sealed class Multiplexers(DataCacheOptions options, TimeProvider time)
{
    private Task _late = Task.CompletedTask;

    /// <summary>Whether the connection belongs to the application.</summary>
    public bool IsShared => options.Connection?.Shared is not null;

    public async Task<IConnectionMultiplexer> ConnectAsync(CancellationToken cancellationToken)
    {
        await _late.WaitAsync(cancellationToken).ConfigureAwait(false);
        var attempt = options.Connection?.Shared is { } shared ? shared(cancellationToken) : OpenAsync();
        try
        {
            return await attempt.WaitAsync(options.ConnectTimeout + options.RemoteHardTimeout, time, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception) when (!attempt.IsCompletedSuccessfully)
        {
            _late = attempt.ContinueWith(
                DiscardLate,
                CancellationToken.None,
                TaskContinuationOptions.None,
                TaskScheduler.Default);
            throw;
        }
    }

    /// <summary>Gives a connection up: closes it, or only ends the subscription where it belongs to the application.</summary>
    public void Release(IConnectionMultiplexer multiplexer, RedisChannel channel, Action<RedisChannel, RedisValue> handler)
    {
        if (!IsShared)
        {
            Discard(multiplexer);
            return;
        }

        try
        {
            multiplexer.GetSubscriber().Unsubscribe(channel, handler, CommandFlags.FireAndForget);
        }
        catch (Exception exception) when (exception is RedisException or ObjectDisposedException)
        {
            // The application has closed it before the cache.
        }
    }

    /// <summary>Closes a connection in the background, because closing one to a frozen server can hang.</summary>
    public static void Discard(IConnectionMultiplexer multiplexer) => _ = Task.Run(() => Close(multiplexer));

    /// <summary>Returns the client's settings: those that the application gave, and those that the cache relies on.</summary>
    public static ConfigurationOptions Configure(DataCacheOptions options)
    {
        var configuration = options.Connection?.Configuration?.Clone()
            ?? ConfigurationOptions.Parse(options.Configuration!, ignoreUnknown: true);
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

        // Version 2 of the client then has one connection for answers and messages. The message that a write sends to this node, too,
        // arrives with the answer; on a connection of its own it made the write take a third longer.
        configuration.Protocol ??= RedisProtocol.Resp3;
        return configuration;
    }

    private async Task<IConnectionMultiplexer> OpenAsync()
    {
        var configuration = Configure(options);
        if (options.TrackForeignWrites)
            ForeignWrites.Prepare(configuration);
        return await ConnectionMultiplexer.ConnectAsync(configuration).ConfigureAwait(false);
    }

    private void DiscardLate(Task<IConnectionMultiplexer> late)
    {
        if (!late.IsCompletedSuccessfully)
            _ = late.Exception;
        else if (!IsShared)
            Close(late.Result);
    }

    private static void Close(IConnectionMultiplexer multiplexer)
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
