using Data.Cache.Telemetry;
using StackExchange.Redis;

namespace Data.Cache.Redis;

/// <summary>The only way to Redis: every call has a deadline of its own and is counted by the circuit breaker.</summary>
/// <remarks>The client never ends an asynchronous call to a frozen server, so the deadline cannot be left to it.</remarks>
internal sealed class RemoteGate
{
    private readonly FailureWindow _window;
    private readonly Action _opened;
    private readonly Task _settled;
    private volatile IDatabase? _database;
    private volatile bool _open;

    public RemoteGate(DataCacheOptions options, Action opened, Task settled)
    {
        _settled = settled;
        _opened = opened;
        _window = new FailureWindow(options.BreakerFailureRatio, options.BreakerMinimumThroughput, options.BreakerSamplingDuration);
    }

    /// <summary>Whether callers may try. Probes do not ask.</summary>
    public bool IsOpen => _open;

    /// <summary>The database, for callers, while Redis answers; else null.</summary>
    public IDatabase? Ready => _open ? _database : null;

    public void Use(IDatabase? database) => _database = database;

    public void Open() => _open = true;

    public void Close() => _open = false;

    /// <summary>Makes a call for a caller; refused at once while Redis is away.</summary>
    public ValueTask<RemoteResult<T>> CallAsync<TState, T>(
        string operation,
        TState state,
        Func<IDatabase, TState, Task<T>> call,
        TimeSpan deadline,
        CancellationToken cancellationToken)
    {
        if (_open)
            return ProbeAsync(operation, state, call, deadline, cancellationToken);
        return _settled.IsCompleted
            ? new ValueTask<RemoteResult<T>>(new RemoteResult<T>((Exception?)null))
            : FirstAsync(operation, state, call, deadline, cancellationToken);
    }

    /// <summary>Makes a call whether or not Redis is held to be away.</summary>
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
            task = call(database, state);
            var value = task.IsCompletedSuccessfully
                ? await task.ConfigureAwait(false)
                : await task.WaitAsync(deadline, cancellationToken).ConfigureAwait(false);
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

    // While the first connection is being made the first callers wait for it, within their deadline, rather than start cold.
    private async ValueTask<RemoteResult<T>> FirstAsync<TState, T>(
        string operation,
        TState state,
        Func<IDatabase, TState, Task<T>> call,
        TimeSpan deadline,
        CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        await _settled.WaitAsync(deadline, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        var left = deadline - TimeProvider.System.GetElapsedTime(started);
        return _open && left > TimeSpan.Zero
            ? await ProbeAsync(operation, state, call, left, cancellationToken).ConfigureAwait(false)
            : new RemoteResult<T>((Exception?)null);
    }

    /// <summary>Counts a call that was answered.</summary>
    public void Succeeded() => _window.Succeeded();

    /// <summary>Counts a call that failed. Throws when it was the caller who cancelled.</summary>
    public void Failed(System.Diagnostics.Activity? activity, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException)
            cancellationToken.ThrowIfCancellationRequested();
        CacheTraces.Failed(activity, exception);
        if (!RedisFailures.IsLinkFailure(exception))
            _window.Succeeded();
        else if (_window.Failed())
            _opened();
    }

    /// <summary>A call given up on may still fail later; nobody is left to see that.</summary>
    private static void Observe(Task? task) =>
        _ = task?.ContinueWith(
            static late => _ = late.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
}
