using Data.Cache.Internal;
using StackExchange.Redis;

namespace Data.Cache.Redis;

/// <summary>Owns the connection: opens it, watches it, and recreates it when it hangs.</summary>
/// <remarks>
/// One loop does all of this, so two attempts to connect never run at once. Connected means that a call was answered and that a message of
/// this node came back over the subscription. In every other state callers are refused at once.
/// </remarks>
internal sealed class RedisLink : IAsyncDisposable
{
    private readonly DataCacheOptions _options;
    private readonly RedisKeys _keys;
    private readonly LinkLog _log;
    private readonly TimeProvider _time;
    private readonly Multiplexers _multiplexers;
    private readonly LinkProbes _probes;
    private readonly AccessCheck _access;
    private readonly ForeignWrites? _foreign;
    private readonly WakeSignal _wake;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _firstAttempt = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IRemoteEvents _events = null!;
    private Task _loop = Task.CompletedTask;
    private IConnectionMultiplexer? _multiplexer;
    private int _disposed;
    private volatile string? _fault;
    private volatile string? _untracked;
    private volatile bool _suspect;
    private volatile CacheLinkState _state = CacheLinkState.Connecting;

    public RedisLink(DataCacheOptions options, RedisKeys keys, LinkLog log, StampClock stamps, TimeProvider time)
    {
        _options = options;
        _keys = keys;
        _log = log;
        _time = time;
        _multiplexers = new Multiplexers(options, time);
        _wake = new WakeSignal(time);
        Gate = new RemoteGate(options, time, Suspect, _firstAttempt.Task);
        Reads = new ReadCalls(Gate, keys, time);
        _probes = new LinkProbes(options, keys, Gate, Sender, stamps, time);
        _access = new AccessCheck(keys, Gate, Sender, options.RemoteHardTimeout);
        if (options.TrackForeignWrites)
            _foreign = new ForeignWrites(keys, name => _events.OnChanged(name), options.RemoteHardTimeout, time);
    }

    public BusSender Sender { get; } = new();

    public RemoteGate Gate { get; }

    public ReadCalls Reads { get; }

    /// <summary>What Redis has acknowledged and may still forget.</summary>
    public UnprovenChanges Unproven => _probes.Unproven;

    public CacheLinkState State => _state;

    /// <summary>Why Redis is not used, or what it refuses; null while all is well. Names neither hosts nor secrets.</summary>
    public string? Fault => _state == CacheLinkState.Connected ? _access.Fault ?? _untracked : _fault;

    /// <summary>Completes when the first attempt to connect has ended.</summary>
    public Task FirstAttempt => _firstAttempt.Task;

    /// <summary>
    /// Removes keys by pattern on every primary. Returns how many were, or would be, removed; fails when Redis is disconnected or stops
    /// answering meanwhile.
    /// </summary>
    /// <param name="scope">Text of the scope.</param>
    /// <param name="pattern">The keys to remove.</param>
    /// <param name="epoch">Epoch of the removal; null to count only.</param>
    /// <param name="options">Batch size and progress.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    public async Task<RemoteResult<long>> RemoveMatchingAsync(
        string scope,
        KeyPattern pattern,
        long? epoch,
        PatternRemovalOptions options,
        CancellationToken cancellationToken)
    {
        if (_multiplexer is not { } multiplexer || !Gate.IsOpen)
            return new RemoteResult<long>((Exception?)null);
        try
        {
            return new RemoteResult<long>(await new PatternScan(_options, _keys, _multiplexers.IsShared, _time).RunAsync(
                multiplexer,
                scope,
                pattern,
                epoch,
                options,
                cancellationToken).ConfigureAwait(false));
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            return new RemoteResult<long>(exception);
        }
    }

    /// <summary>Publishes a heartbeat, and has the cache deal with whatever Redis has forgotten.</summary>
    public async ValueTask<RemoteResult<Beat>> HeartbeatAsync(CancellationToken cancellationToken)
    {
        var beat = await _probes.HeartbeatAsync(cancellationToken).ConfigureAwait(false);
        if (beat.Succeeded)
        {
            if (beat.Value.DataLost)
                _log.DataLost();
            _events.OnBeat(beat.Value);
        }

        return beat;
    }

    public void Start(IRemoteEvents events)
    {
        _events = events;
        // The loop outlives whoever created the cache, whose trace and ambient values are not its own.
        using (ExecutionContext.SuppressFlow())
            _loop = Task.Run(() => RunAsync(_stop.Token));
    }

    /// <summary>Makes the loop check the link now.</summary>
    public void Suspect()
    {
        _suspect = true;
        _wake.Set();
    }

    /// <summary>Closes the connection. A second call, also a concurrent one, only waits for the end of the first.</summary>
    public async ValueTask DisposeAsync()
    {
        var isFirst = Interlocked.Exchange(ref _disposed, 1) == 0;
        if (isFirst)
            await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        if (!isFirst)
            return;
        Reads.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        try
        {
            for (var attempt = 0; ; attempt++)
            {
                if (await TryConnectAsync(stop).ConfigureAwait(false))
                {
                    await TryServeAsync(stop).ConfigureAwait(false);
                    Drop();
                    attempt = 0;
                    _log.Reconnecting();
                }

                _firstAttempt.TrySetResult();
                await Task.Delay(Jitter(_options.BreakDuration * Math.Min(attempt + 1, 5)), _time, stop).ConfigureAwait(false);
            }
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            // Disposed. An attempt to connect that fails meanwhile must not fail the shutdown.
        }
        finally
        {
            Gate.Close();
            _firstAttempt.TrySetResult();
            Drop();
        }
    }

    private async Task<bool> TryConnectAsync(CancellationToken stop)
    {
        try
        {
            var multiplexer = await _multiplexers.ConnectAsync(stop).ConfigureAwait(false);
            _multiplexer = multiplexer;
            multiplexer.ConnectionFailed += OnConnectionFailed;
            multiplexer.ConnectionRestored += OnConnectionRestored;
            // The user of a connection of the application is the application's choice.
            if (!_multiplexers.IsShared)
                await UserCheck.RunAsync(multiplexer, _options, _time, stop).ConfigureAwait(false);
            _keys.UseCluster(Array.Exists(multiplexer.GetServers(), static server => server.ServerType == ServerType.Cluster));
            Gate.Use(multiplexer.GetDatabase(), keepsBacklog: _multiplexers.IsShared);
            await multiplexer.GetSubscriber().SubscribeAsync(RedisChannel.Literal(_keys.Channel), Receive)
                .WaitAsync(_options.ConnectTimeout, _time, stop).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (!stop.IsCancellationRequested)
        {
            Disconnect(exception);
            Drop();
            return false;
        }
    }

    /// <summary>Serves callers over one connection until it has to be recreated.</summary>
    /// <remarks>
    /// The client reconnects by itself after an error, but not always: when both connections to a server hung without a reset, it had a new
    /// connection for commands after 5 s and no subscription within 60 s (2.13.23 and 3.4.35). So a connection that fails several probes is
    /// recreated here.
    /// </remarks>
    private async Task ServeAsync(CancellationToken stop)
    {
        var failedProbes = 0;
        var pause = TimeSpan.Zero;
        while (failedProbes < _options.ProbesBeforeRebuild)
        {
            if (pause > TimeSpan.Zero)
                await _wake.WaitAsync(pause, stop).ConfigureAwait(false);
            _suspect = false;
            if (await ReconnectAsync(stop).ConfigureAwait(false))
            {
                failedProbes = 0;
                _firstAttempt.TrySetResult();
                await WatchAsync(stop).ConfigureAwait(false);
                pause = TimeSpan.Zero;
            }
            else
            {
                failedProbes++;
                pause = Jitter(_options.BreakDuration);
            }
        }
    }

    // An unexpected failure must not end the loop, or the process would do without Redis for as long as it lives.
    private async Task TryServeAsync(CancellationToken stop)
    {
        try
        {
            await ServeAsync(stop).ConfigureAwait(false);
        }
        catch (Exception exception) when (!stop.IsCancellationRequested)
        {
            Disconnect(exception);
        }
    }

    private async Task<bool> ReconnectAsync(CancellationToken stop)
    {
        _probes.Restart();
        var beat = await HeartbeatAsync(stop).ConfigureAwait(false);
        if (!beat.Succeeded || !await _probes.EchoArrivesAsync(stop).ConfigureAwait(false))
        {
            Disconnect(beat.Failure);
            return false;
        }

        // First, so that it says why the next steps fail.
        if (await _access.RunAsync(stop).ConfigureAwait(false))
            _log.Checked(_access.Fault);
        if (!await TrackAsync(stop).ConfigureAwait(false))
            return false;
        if (!await _events.OnReconnectingAsync(stop).ConfigureAwait(false))
        {
            Disconnect(null);
            return false;
        }

        _state = CacheLinkState.Connected;
        Gate.Open();
        _log.Connected();
        _events.OnConnected();
        return true;
    }

    // Before the local level is cleared: what changes from then on is told.
    private async Task<bool> TrackAsync(CancellationToken stop)
    {
        if (_foreign is null || _multiplexer is not { } multiplexer)
            return true;
        try
        {
            var fault = await _foreign.StartAsync(multiplexer, stop).ConfigureAwait(false);
            if (fault is not null && fault != _untracked)
                _log.Checked(fault);
            _untracked = fault;
            return true;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            Disconnect(exception);
            return false;
        }
    }

    /// <summary>Sends heartbeats until one fails or messages are lost.</summary>
    private async Task WatchAsync(CancellationToken stop)
    {
        while (true)
        {
            await _wake.WaitAsync(_options.HeartbeatInterval, stop).ConfigureAwait(false);
            if (_suspect)
            {
                Disconnect(null);
                return;
            }

            var beat = await HeartbeatAsync(stop).ConfigureAwait(false);
            if (!beat.Succeeded && !RedisFailures.IsSlotMove(beat.Failure))
            {
                Disconnect(beat.Failure);
                return;
            }

            if (_access.Fault is not null && await _access.RunAsync(stop).ConfigureAwait(false))
                _log.Checked(_access.Fault);
            if (_probes.TakeLoss())
            {
                _log.MessagesLost();
                Disconnect(null);
                return;
            }
        }
    }

    private void OnConnectionFailed(object? sender, ConnectionFailedEventArgs arguments) => Suspect();

    private void OnConnectionRestored(object? sender, ConnectionFailedEventArgs arguments) => _wake.Set();

    private void Receive(RedisChannel channel, RedisValue value)
    {
        if (!BusMessage.TryRead((byte[]?)value, out var message))
            return;
        _probes.Received(message);
        _events.OnMessage(message, message.Sender == Sender.Id);
    }

    private void Disconnect(Exception? cause)
    {
        Gate.Close();
        _fault = cause is null ? _access.Fault ?? "link check" : RedisFailures.Describe(cause);
        if (_state == CacheLinkState.Disconnected)
            return;
        _state = CacheLinkState.Disconnected;
        _log.Disconnected(cause);
        _events.OnDisconnected(cause);
    }

    private void Drop()
    {
        Gate.Use(null);
        if (Interlocked.Exchange(ref _multiplexer, null) is not { } multiplexer)
            return;

        // A connection of the application lives on and must not hold what is given up here.
        multiplexer.ConnectionFailed -= OnConnectionFailed;
        multiplexer.ConnectionRestored -= OnConnectionRestored;
        _multiplexers.Release(multiplexer, RedisChannel.Literal(_keys.Channel), Receive);
    }

    private static TimeSpan Jitter(TimeSpan pause) => pause * (0.5 + Random.Shared.NextDouble());
}
