using Polly;
using Polly.CircuitBreaker;
using StackExchange.Redis;

namespace Data.Cache.Redis;

/// <summary>The only way to Redis: every call has a deadline of its own and is counted by the circuit breaker.</summary>
/// <remarks>The client never ends an asynchronous call to a frozen server, so the deadline cannot be left to it.</remarks>
internal sealed class RemoteGate
{
    private readonly ResiliencePipeline _breaker;
    private readonly Action _opened;
    private readonly Task _settled;
    private volatile IDatabase? _database;
    private volatile bool _open;

    public RemoteGate(DataCacheOptions options, Action opened, Task settled)
    {
        _settled = settled;
        _opened = opened;
        _breaker = new ResiliencePipelineBuilder()
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = options.BreakerFailureRatio,
                MinimumThroughput = options.BreakerMinimumThroughput,
                SamplingDuration = options.BreakerSamplingDuration,
                BreakDuration = TimeSpan.FromMilliseconds(500),
                ShouldHandle = static arguments => new ValueTask<bool>(RedisFailures.IsLinkFailure(arguments.Outcome.Exception)),
                OnOpened = _ =>
                {
                    _opened();
                    return default;
                },
            })
            .Build();
    }

    /// <summary>Whether callers may try. Probes do not ask.</summary>
    public bool IsOpen => _open;

    public void Use(IDatabase? database) => _database = database;

    public void Open() => _open = true;

    public void Close() => _open = false;

    /// <summary>Makes a call for a caller; refused at once while Redis is away.</summary>
    public ValueTask<RemoteResult<T>> CallAsync<TState, T>(
        TState state,
        Func<IDatabase, TState, Task<T>> call,
        TimeSpan deadline,
        CancellationToken cancellationToken)
    {
        if (_open)
            return ProbeAsync(state, call, deadline, cancellationToken);
        return _settled.IsCompleted
            ? new ValueTask<RemoteResult<T>>(new RemoteResult<T>((Exception?)null))
            : FirstAsync(state, call, deadline, cancellationToken);
    }

    /// <summary>Makes a call whether or not Redis is held to be away.</summary>
    public async ValueTask<RemoteResult<T>> ProbeAsync<TState, T>(
        TState state,
        Func<IDatabase, TState, Task<T>> call,
        TimeSpan deadline,
        CancellationToken cancellationToken)
    {
        if (_database is not { } database)
            return new RemoteResult<T>((Exception?)null);
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false, cancellationToken);
        try
        {
            var outcome = await _breaker.ExecuteOutcomeAsync(
                static (context, arguments) => TimedAsync(arguments.database, arguments.state, arguments.call, arguments.deadline, context.CancellationToken),
                context,
                (database, state, call, deadline)).ConfigureAwait(false);
            if (outcome.Exception is OperationCanceledException)
                cancellationToken.ThrowIfCancellationRequested();
            return outcome.Exception is null ? new RemoteResult<T>(outcome.Result!) : new RemoteResult<T>(outcome.Exception);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    // While the first connection is being made the first callers wait for it, within their deadline, rather than start cold.
    private async ValueTask<RemoteResult<T>> FirstAsync<TState, T>(
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
            ? await ProbeAsync(state, call, left, cancellationToken).ConfigureAwait(false)
            : new RemoteResult<T>((Exception?)null);
    }

    private static async ValueTask<Outcome<T>> TimedAsync<TState, T>(
        IDatabase database,
        TState state,
        Func<IDatabase, TState, Task<T>> call,
        TimeSpan deadline,
        CancellationToken cancellationToken)
    {
        Task<T>? task = null;
        try
        {
            task = call(database, state);
            return Outcome.FromResult(task.IsCompletedSuccessfully
                ? await task.ConfigureAwait(false)
                : await task.WaitAsync(deadline, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            Observe(task);
            return Outcome.FromException<T>(exception);
        }
    }

    // A call given up on may still fail later; nobody is left to see that.
    private static void Observe(Task? task) =>
        _ = task?.ContinueWith(static late => _ = late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
