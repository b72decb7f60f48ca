using System.Threading.Tasks.Sources;

namespace Data.Resilience.Sessions;

/// <summary>The time limit of one attempt: cancels at the limit, and gives up waiting for what does not obey soon after.</summary>
/// <remarks>
/// Rented from an <see cref="AttemptTimerPool"/> and returned to it by <see cref="Dispose"/>. One flow waits at a time. It has a clock of
/// its own instead of <see cref="CancellationTokenSource.CancelAfter(TimeSpan)"/>, because the callbacks of a token may block, and those of
/// the driver do on a server that is frozen: whatever waits for the token's callbacks to end is late.
/// </remarks>
internal sealed class AttemptTimer : IDisposable, IValueTaskSource<bool>
{
    private static readonly TimeSpan MaxGrace = TimeSpan.FromSeconds(1);
    private readonly AttemptTimerPool _pool;
    private readonly TimeProvider _time;
    private readonly ITimer _clock;
    private readonly CancellationTokenSource _source = new();
    private readonly Lock _lock = new();
    private readonly Action _onEnd;
    private ManualResetValueTaskSourceCore<bool> _end;
    private CancellationTokenRegistration _caller;
    private volatile Stage _stage;
    private long _started;
    private TimeSpan _limit;
    private TimeSpan _grace;
    private int _isAwaited;

    public AttemptTimer(AttemptTimerPool pool, TimeProvider time)
    {
        _pool = pool;
        _time = time;
        _onEnd = OnEnd;
        // The timer outlives the call that happens to make it, whose ambient values it must not keep.
        using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
        {
            _clock = time.CreateTimer(
                static state => ((AttemptTimer)state!).OnTick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>How far the attempt is.</summary>
    private enum Stage
    {
        Idle,
        Running,
        Cancelled,
        Abandoned,
    }

    /// <summary>Token to work under.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>
    /// Whether the token's callbacks may block, as the driver's do once there is a connection: they then get a thread of their own, since a
    /// frozen server would otherwise take as many of the thread pool's threads as it has connections.
    /// </summary>
    public bool MayBlock { get; set; }

    /// <summary>
    /// Returns how long a cancelled step is waited for: long enough for a healthy server to answer the driver's cancel request.
    /// </summary>
    public static TimeSpan GraceFor(TimeSpan attemptTimeout) => attemptTimeout / 4 < MaxGrace ? attemptTimeout / 4 : MaxGrace;

    /// <summary>Starts the time limit and follows the caller's token.</summary>
    /// <param name="limit">Time until the token is cancelled.</param>
    /// <param name="grace">Time from the cancellation until nothing is waited for any more.</param>
    /// <param name="caller">The caller's token.</param>
    public void Start(TimeSpan limit, TimeSpan grace, CancellationToken caller)
    {
        lock (_lock)
        {
            _grace = grace;
            MayBlock = false;
            Begin(Stage.Running, limit);
        }

        _caller = caller.UnsafeRegister(static state => ((AttemptTimer)state!).Cancel(), this);
    }

    /// <summary>Restarts the time limit without the caller's cancellation, for a step that must not be abandoned half-way.</summary>
    /// <returns>False when the timer has fired already.</returns>
    public bool TryRestart(TimeSpan limit)
    {
        _caller.Dispose();
        lock (_lock)
        {
            if (_stage != Stage.Running)
                return false;

            Begin(Stage.Running, limit);
            return true;
        }
    }

    /// <summary>Cancels the token now, unless it is cancelled; what is awaited has the grace period left.</summary>
    public void Cancel()
    {
        lock (_lock)
        {
            if (_stage != Stage.Running)
                return;

            Begin(Stage.Cancelled, _grace);
        }

        CancelToken();
    }

    /// <summary>Waits for a task until it ends or is to be abandoned. Allocates nothing.</summary>
    /// <param name="task">What to wait for; its result and exception stay with it.</param>
    /// <returns>False when the task is to be abandoned; nothing more may be awaited here then.</returns>
    public ValueTask<bool> EndOf(Task task)
    {
        if (task.IsCompleted)
            return new ValueTask<bool>(true);

        _end.Reset();
        Interlocked.Exchange(ref _isAwaited, 1);
        if (_stage == Stage.Abandoned && Interlocked.Exchange(ref _isAwaited, 0) == 1)
            return new ValueTask<bool>(false);

        var result = new ValueTask<bool>(this, _end.Version);
        task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_onEnd);
        return result;
    }

    bool IValueTaskSource<bool>.GetResult(short token) => _end.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _end.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _end.OnCompleted(continuation, state, token, flags);

    /// <summary>Returns the timer to its pool when it can be used again.</summary>
    public void Dispose()
    {
        _caller.Dispose();
        _caller = default;
        bool isUnused;
        lock (_lock)
        {
            isUnused = _stage == Stage.Running;
            _stage = Stage.Idle;
        }

        // Once it has fired, somebody may still be cancelling the token, and an abandoned task may still end.
        if (isUnused && _pool.HasRoom && _source.TryReset())
            _pool.Return(this);
        else
            _clock.Dispose();
    }

    private void Begin(Stage stage, TimeSpan limit)
    {
        _stage = stage;
        _limit = limit;
        _started = _time.GetTimestamp();
        _clock.Change(limit, Timeout.InfiniteTimeSpan);
    }

    private void OnTick()
    {
        bool isOver;
        lock (_lock)
        {
            if (_stage is Stage.Idle or Stage.Abandoned)
                return;

            // A tick that was on its way when the timer was rented again, or one that is early by the resolution of the clock.
            var left = _limit - _time.GetElapsedTime(_started);
            if (left > TimeSpan.Zero)
            {
                _clock.Change(left + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
                return;
            }

            isOver = _stage == Stage.Cancelled;
            if (isOver)
                _stage = Stage.Abandoned;
            else
                Begin(Stage.Cancelled, _grace);
        }

        if (!isOver)
            CancelToken();
        else if (Interlocked.Exchange(ref _isAwaited, 0) == 1)
            _end.SetResult(false);
    }

    private void CancelToken()
    {
        if (!MayBlock)
        {
            _source.Cancel();
            return;
        }

        _ = Task.Factory.StartNew(
            static state => ((CancellationTokenSource)state!).Cancel(),
            _source,
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
    }

    private void OnEnd()
    {
        if (Interlocked.Exchange(ref _isAwaited, 0) == 1)
            _end.SetResult(true);
    }
}
