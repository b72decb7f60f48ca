using Data.Cache.Internal;
using StackExchange.Redis;

namespace Data.Cache.Redis;

/// <summary>Keeps the connection: makes it, watches it, and makes it anew when it hangs.</summary>
/// <remarks>
/// One loop does all of it, so there is never a second attempt beside the first. Connected means two things proven: a call was
/// answered, and a message of our own came back over the subscription. Everything else is away, and callers are refused at once.
/// </remarks>
internal sealed class RedisLink : IAsyncDisposable
{
    private readonly DataCacheOptions _options;
    private readonly RedisKeys _keys;
    private readonly LinkJournal _journal;
    private readonly StampClock _stamps;
    private readonly MonotonicClock _clock;
    private readonly Multiplexers _multiplexers;
    private readonly BusTracker _tracker;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly TaskCompletionSource _firstAttempt = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IRemoteEvents _events = null!;
    private Task _loop = Task.CompletedTask;
    private ConnectionMultiplexer? _multiplexer;
    private string? _incarnation;
    private volatile bool _suspect;
    private volatile CacheLinkState _state = CacheLinkState.Connecting;

    public RedisLink(DataCacheOptions options, RedisKeys keys, LinkJournal journal, StampClock stamps)
    {
        _options = options;
        _keys = keys;
        _journal = journal;
        _stamps = stamps;
        _clock = new MonotonicClock(TimeProvider.System);
        _multiplexers = new Multiplexers(options);
        _tracker = new BusTracker(Sender.Id, options.HeartbeatInterval, () => _clock.Milliseconds);
        Gate = new RemoteGate(options, Suspect, _firstAttempt.Task);
        Reads = new ReadCalls(Gate, keys);
    }

    public BusSender Sender { get; } = new();

    public RemoteGate Gate { get; }

    public ReadCalls Reads { get; }

    public CacheLinkState State => _state;

    /// <summary>
    /// Removes keys by pattern on every primary. Returns how many, or would be; fails when Redis is away, or went away meanwhile.
    /// </summary>
    /// <param name="scope">Text of the scope.</param>
    /// <param name="pattern">What to remove.</param>
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
            return new RemoteResult<long>(await new PatternScan(_options, _keys).RunAsync(
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

    public void Start(IRemoteEvents events)
    {
        _events = events;
        _loop = Task.Run(() => RunAsync(_stop.Token));
    }

    /// <summary>Asks the loop to look at the link now.</summary>
    public void Suspect()
    {
        _suspect = true;
        Wake();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        Reads.Dispose();
        _stop.Dispose();
        _wake.Dispose();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        try
        {
            for (var attempt = 0; ; attempt++)
            {
                if (await TryConnectAsync(stop).ConfigureAwait(false))
                {
                    await LiveAsync(stop).ConfigureAwait(false);
                    Drop();
                    attempt = 0;
                    _journal.Rebuilding();
                }

                _firstAttempt.TrySetResult();
                await Task.Delay(Jitter(_options.BreakDuration * Math.Min(attempt + 1, 5)), stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Disposed.
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
            multiplexer.ConnectionFailed += (_, _) => Suspect();
            multiplexer.ConnectionRestored += (_, _) => Wake();
            _keys.UseCluster(Array.Exists(
                multiplexer.GetEndPoints(configuredOnly: false),
                endPoint => multiplexer.GetServer(endPoint, null).ServerType == ServerType.Cluster));
            Gate.Use(multiplexer.GetDatabase());
            await multiplexer.GetSubscriber()
                .SubscribeAsync(new RedisChannel(_keys.Channel, RedisChannel.PatternMode.Literal), (_, value) => Receive(value))
                .WaitAsync(_options.ConnectTimeout, stop).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (!stop.IsCancellationRequested)
        {
            Away(exception);
            Drop();
            return false;
        }
    }

    /// <summary>Serves one connection until it has to be thrown away.</summary>
    private async Task LiveAsync(CancellationToken stop)
    {
        var failedProbes = 0;
        var pause = TimeSpan.Zero;
        while (failedProbes < _options.ProbesBeforeRebuild)
        {
            await SleepAsync(pause, stop).ConfigureAwait(false);
            _suspect = false;
            if (await ComeBackAsync(stop).ConfigureAwait(false))
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

    private async Task<bool> ComeBackAsync(CancellationToken stop)
    {
        _tracker.Reset();
        var beat = await HeartbeatAsync(stop).ConfigureAwait(false);
        if (!beat.Succeeded || !await EchoAsync(stop).ConfigureAwait(false))
        {
            Away(beat.Failure);
            return false;
        }

        var lost = await IncarnationAsync(stop).ConfigureAwait(false);
        if (lost is null || !await _events.OnBackAsync(lost.Value, stop).ConfigureAwait(false))
        {
            Away(null);
            return false;
        }

        _state = CacheLinkState.Connected;
        Gate.Open();
        _journal.Connected(lost.Value);
        _events.OnConnected();
        return true;
    }

    /// <summary>Beats until something is wrong.</summary>
    private async Task WatchAsync(CancellationToken stop)
    {
        var patience = (long)(_options.HeartbeatInterval.TotalMilliseconds * 3) + (long)_options.RemoteHardTimeout.TotalMilliseconds;
        while (true)
        {
            await SleepAsync(_options.HeartbeatInterval, stop).ConfigureAwait(false);
            if (_suspect)
            {
                Away(null);
                return;
            }

            var beat = await HeartbeatAsync(stop).ConfigureAwait(false);
            if (!beat.Succeeded)
            {
                Away(beat.Failure);
                return;
            }

            if (_tracker.TakeLoss() || _clock.Milliseconds - _tracker.LastEcho > patience)
            {
                _journal.MessagesLost();
                Away(null);
                return;
            }
        }
    }

    /// <summary>Publishes a heartbeat and hears the server's time. Returns a fresh epoch, above all that this node has heard of.</summary>
    public async ValueTask<RemoteResult<long>> HeartbeatAsync(CancellationToken stop)
    {
        var beat = await Gate.ProbeAsync(
            operation: null,
            this,
            static async (database, link) => (RedisValue[])(await database.ScriptEvaluateAsync(
                Scripts.Publish,
                [link._keys.Clock],
                [link._stamps.HighestEpoch, link._keys.Channel, link.Sender.Next(BusMessageKind.Heartbeat), RedisValue
                    .EmptyString]).ConfigureAwait(false))!,
            _options.RemoteHardTimeout,
            stop).ConfigureAwait(false);
        if (!beat.Succeeded)
            return new RemoteResult<long>(beat.Failure);
        _stamps.ObserveServerTime((long)beat.Value[1]);
        _stamps.ObserveEpoch((long)beat.Value[0]);
        return new RemoteResult<long>((long)beat.Value[0]);
    }

    private async Task<bool> EchoAsync(CancellationToken stop)
    {
        var limit = _clock.Milliseconds + (long)_options.RemoteHardTimeout.TotalMilliseconds;
        while (_tracker.LastEcho == long.MinValue)
        {
            if (_clock.Milliseconds > limit)
                return false;
            await Task.Delay(5, stop).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Whether Redis lost its data since we saw it last; null when it does not answer.</summary>
    private async Task<bool?> IncarnationAsync(CancellationToken stop)
    {
        var answer = await Gate.ProbeAsync(
            operation: null,
            _keys.Incarnation,
            static async (database, key) =>
            {
                await database.StringSetAsync(key, Guid.NewGuid().ToString("N"), null, When.NotExists, CommandFlags.None)
                    .ConfigureAwait(false);
                return (string?)await database.StringGetAsync(key).ConfigureAwait(false);
            },
            _options.RemoteHardTimeout,
            stop).ConfigureAwait(false);
        if (!answer.Succeeded)
            return null;
        var lost = _incarnation is not null && !string.Equals(_incarnation, answer.Value, StringComparison.Ordinal);
        _incarnation = answer.Value;
        return lost;
    }

    private void Receive(RedisValue value)
    {
        if (!BusMessage.TryRead((byte[]?)value, out var message))
            return;
        _tracker.Seen(message);
        _events.OnMessage(message, message.Sender == Sender.Id);
    }

    private void Away(Exception? cause)
    {
        Gate.Close();
        if (_state == CacheLinkState.Disconnected)
            return;
        _state = CacheLinkState.Disconnected;
        _journal.Away(cause);
        _events.OnAway(cause);
    }

    private void Drop()
    {
        Gate.Use(null);
        if (Interlocked.Exchange(ref _multiplexer, null) is { } multiplexer)
            Multiplexers.Discard(multiplexer);
    }

    private async Task SleepAsync(TimeSpan pause, CancellationToken stop)
    {
        if (pause > TimeSpan.Zero)
            await _wake.WaitAsync(pause, stop).ConfigureAwait(false);
    }

    private void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (Exception exception) when (exception is SemaphoreFullException or ObjectDisposedException)
        {
            // Already awake, or gone.
        }
    }

    private static TimeSpan Jitter(TimeSpan pause) => pause * (0.5 + Random.Shared.NextDouble());
}
