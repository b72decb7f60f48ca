using Data.Cache.Telemetry;
using StackExchange.Redis;

namespace Data.Cache.Redis;

/// <summary>Makes all calls to Redis: each has a deadline of its own and is counted by the circuit breaker.</summary>
/// <remarks>
/// The deadline cannot be left to the client. Its time-out is one value for the whole connection and is checked by its heartbeat, once a
/// second: against a frozen server calls with a time-out of 250 ms ended after 270 to 1,210 ms (2.13.23 and 3.4.35). A heartbeat of 50 ms
/// would end them after 250 to 300 ms, but still with the same time-out for reads and writes.
/// </remarks>
internal sealed class RemoteGate
{
    private readonly FailureWindow _window;
    private readonly TimeProvider _time;
    private readonly Action _breakerOpened;
    private readonly Task _firstAttempt;
    private volatile IDatabase? _database;
    private volatile bool _open;
    private volatile bool _keepsBacklog;

    /// <summary>Creates a closed gate.</summary>
    /// <param name="options">Settings of the circuit breaker.</param>
    /// <param name="time">The source of deadlines.</param>
    /// <param name="breakerOpened">Called when the breaker opens.</param>
    /// <param name="firstAttempt">Completes when the first attempt to connect has ended.</param>
    public RemoteGate(DataCacheOptions options, TimeProvider time, Action breakerOpened, Task firstAttempt)
    {
        _time = time;
        _firstAttempt = firstAttempt;
        _breakerOpened = breakerOpened;
        _window = new FailureWindow(
            options.BreakerFailureRatio,
            options.BreakerMinimumThroughput,
            options.BreakerSamplingDuration,
            time);
    }

    /// <summary>Whether callers may reach Redis. Probes may always.</summary>
    public bool IsOpen => _open;

    /// <summary>The database, for callers, while Redis answers; otherwise null.</summary>
    public IDatabase? Ready => _open ? _database : null;

    /// <summary>The database, for probes, while there is a connection; otherwise null.</summary>
    public IDatabase? Database => _database;

    /// <summary>Sets the database.</summary>
    /// <param name="database">The database; null for none.</param>
    /// <param name="keepsBacklog">Whether the client may keep what is sent while it is disconnected, and send it later.</param>
    public void Use(IDatabase? database, bool keepsBacklog = false)
    {
        _keepsBacklog = keepsBacklog;
        _database = database;
    }

    public void Open() => _open = true;

    public void Close() => _open = false;

    /// <summary>Makes a call for a caller; refuses it at once while Redis is disconnected.</summary>
    public ValueTask<RemoteResult<T>> CallAsync<TState, T>(
        string operation,
        TState state,
        Func<IDatabase, TState, Task<T>> call,
        TimeSpan deadline,
        CancellationToken cancellationToken)
    {
        if (_open)
            return ProbeAsync(operation, state, call, deadline, cancellationToken);
        return _firstAttempt.IsCompleted
            ? new ValueTask<RemoteResult<T>>(new RemoteResult<T>((Exception?)null))
            : CallAfterFirstAttemptAsync(operation, state, call, deadline, cancellationToken);
    }

    /// <summary>Makes a call whether or not callers may reach Redis.</summary>
    public async ValueTask<RemoteResult<T>> ProbeAsync<TState, T>(
        string? operation,
        TState state,
        Func<IDatabase, TState, Task<T>> call,
        TimeSpan deadline,
        CancellationToken cancellationToken)
    {
        if (_database is not { } database)
            return new RemoteResult<T>((Exception?)null);
        using var activity = CacheTraces.Remote(operation);
        Task<T>? task = null;
        try
        {
            if (_keepsBacklog && !database.IsConnected(default))
                return new RemoteResult<T>((Exception?)null);
            task = call(database, state);
            var value = task.IsCompletedSuccessfully
                ? await task.ConfigureAwait(false)
                : await task.WaitAsync(deadline, _time, cancellationToken).ConfigureAwait(false);
            Succeeded();
            return new RemoteResult<T>(value);
        }
        catch (Exception exception)
        {
            Observe(task);
            Failed(activity, exception, cancellationToken);
            return new RemoteResult<T>(exception);
        }
    }

    /// <summary>
    /// Waits for the first attempt to connect, within the deadline, rather than start without Redis. Returns what is left of the deadline,
    /// or zero when callers may not reach Redis.
    /// </summary>
    public async ValueTask<TimeSpan> AfterFirstAttemptAsync(TimeSpan deadline, CancellationToken cancellationToken)
    {
        if (_open || _firstAttempt.IsCompleted)
            return _open ? deadline : TimeSpan.Zero;
        var started = _time.GetTimestamp();
        await _firstAttempt.WaitAsync(deadline, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        var left = deadline - _time.GetElapsedTime(started);
        return _open && left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private async ValueTask<RemoteResult<T>> CallAfterFirstAttemptAsync<TState, T>(
        string operation,
        TState state,
        Func<IDatabase, TState, Task<T>> call,
        TimeSpan deadline,
        CancellationToken cancellationToken)
    {
        var left = await AfterFirstAttemptAsync(deadline, cancellationToken).ConfigureAwait(false);
        return left > TimeSpan.Zero
            ? await ProbeAsync(operation, state, call, left, cancellationToken).ConfigureAwait(false)
            : new RemoteResult<T>((Exception?)null);
    }

    /// <summary>Counts a call that was answered.</summary>
    public void Succeeded() => _window.Succeeded();

    /// <summary>Counts a call that failed. Throws when the caller cancelled it.</summary>
    public void Failed(System.Diagnostics.Activity? activity, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException)
            cancellationToken.ThrowIfCancellationRequested();
        CacheTraces.Failed(activity, exception);
        if (!RedisFailures.IsLinkFailure(exception))
            _window.Succeeded();
        else if (_window.Failed())
            _breakerOpened();
    }

    // An abandoned call may still fail later; its exception counts as observed.
    private static void Observe(Task? task) =>
        _ = task?.ContinueWith(
            static late => _ = late.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
}
