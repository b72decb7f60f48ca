using System.Threading.Tasks.Sources;
using StackExchange.Redis;

namespace Data.Cache.Redis;

/// <summary>A pending read. Reused for another read after its answer has come, discarded when it was abandoned.</summary>
/// <remarks>
/// The answer, the deadline and the caller's cancellation compete to end it; the first to change the state does. After half of its time the
/// read is sent once more, in case the first was lost on its way or went to a server that does not answer; whichever answer comes first
/// counts. A call that was abandoned or sent twice, so that an answer may still come, is never reused: a late answer cannot reach another
/// caller.
/// </remarks>
internal sealed class ReadCall : IValueTaskSource<RemoteResult<byte[]?>>
{
    // The lowest bits of the state: the phase, and whether the read was sent twice. The others count the uses, so that nothing ends a
    // later use by mistake.
    private const int Phase = 3;
    private const int Free = 0;
    private const int Pending = 1;
    private const int Answered = 2;
    private const int Abandoned = 3;
    private const int Repeated = 4;
    private const int Use = 8;
    private readonly ReadCalls _owner;
    private readonly RemoteGate _gate;
    private readonly Action _onAnswer;
    private ManualResetValueTaskSourceCore<RemoteResult<byte[]?>> _result;
    private CancellationTokenRegistration _cancellation;
    private Task<RedisValue>? _task;
    private long _repeatAt;
    private long _until;
    private int _failures;
    private int _state;

    public ReadCall(ReadCalls owner, RemoteGate gate)
    {
        _owner = owner;
        _gate = gate;
        _onAnswer = OnAnswer;
    }

    /// <summary>The key to read.</summary>
    public RedisKey Key { get; private set; }

    public bool IsPending => (Volatile.Read(ref _state) & Phase) == Pending;

    /// <summary>Starts the wait. The caller then sends the read, alone or with others.</summary>
    public ValueTask<RemoteResult<byte[]?>> Begin(RedisKey key, long now, long until, CancellationToken cancellationToken)
    {
        Key = key;
        _repeatAt = now + ((until - now) / 2);
        _until = until;
        _failures = 0;
        _result.RunContinuationsAsynchronously = false;
        Volatile.Write(ref _state, _state + (Pending - Free));
        var version = _result.Version;
        if (cancellationToken.CanBeCanceled)
            _cancellation = cancellationToken.UnsafeRegister(static (call, token) => ((ReadCall)call!).Cancel(token), this);
        return new ValueTask<RemoteResult<byte[]?>>(this, version);
    }

    /// <summary>Reads the key by a command of its own.</summary>
    public void Send(IDatabase database)
    {
        try
        {
            var task = database.StringGetAsync(Key);
            _task = task;
            task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_onAnswer);
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
    }

    /// <summary>Ends the call with the value from Redis.</summary>
    /// <param name="value">The value.</param>
    /// <param name="isShared">Whether other calls wait for the same answer: then the caller continues on another thread.</param>
    public void Answer(RedisValue value, bool isShared)
    {
        if (!TryEnd(Answered))
            return;
        _gate.Succeeded();
        var bytes = (byte[]?)value;
        _owner.Ended(bytes?.Length ?? 0);
        _result.RunContinuationsAsynchronously = isShared;
        _result.SetResult(new RemoteResult<byte[]?>(bytes));
    }

    /// <summary>Ends the call with an error, unless the same read was sent a second time and may still be answered.</summary>
    public void Fail(Exception exception)
    {
        var failures = Interlocked.Increment(ref _failures);
        for (var state = Volatile.Read(ref _state); (state & Phase) == Pending; state = Volatile.Read(ref _state))
        {
            if ((state & Repeated) != 0 && failures < 2)
                return;
            if (!TryEnd(state, Answered))
                continue;
            End(exception);
            return;
        }
    }

    /// <summary>Ends the call because Redis is disconnected.</summary>
    public void Refuse()
    {
        if (!TryEnd(Answered))
            return;
        _owner.Ended(bytes: 0);
        _result.RunContinuationsAsynchronously = true;
        _result.SetResult(new RemoteResult<byte[]?>((Exception?)null));
    }

    /// <summary>
    /// Ends the call if its deadline has passed, or repeats the read when half of its time has. Returns whether the object can still be
    /// used.
    /// </summary>
    public bool Expire(long now, IDatabase? database)
    {
        // The state is read first: a call that is reused meanwhile has another state and another deadline.
        var state = Volatile.Read(ref _state);
        if (now >= Volatile.Read(ref _until) && TryEnd(state, Abandoned))
            End(new TimeoutException("Redis did not answer within the deadline."));
        else if (database is not null && now >= Volatile.Read(ref _repeatAt) && TryRepeat(state))
            SendAgain(database);
        return (Volatile.Read(ref _state) & Phase) != Abandoned;
    }

    /// <summary>Marks a call that is not needed any more as unusable.</summary>
    public void Retire() => Volatile.Write(ref _state, _state | Abandoned);

    public RemoteResult<byte[]?> GetResult(short token)
    {
        try
        {
            return _result.GetResult(token);
        }
        finally
        {
            _cancellation.Dispose();
            _cancellation = default;
            var state = Volatile.Read(ref _state);
            if ((state & Repeated) != 0)
            {
                Retire();
            }
            else if ((state & Phase) == Answered)
            {
                _task = null;
                _result.Reset();
                Volatile.Write(ref _state, unchecked(state - Answered + Use));
                _owner.Return(this);
            }
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _result.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _result.OnCompleted(continuation, state, token, flags);

    private void OnAnswer()
    {
        var task = _task!;

        // Also when no caller waits any more: reading the exception marks it as observed.
        if (task.IsCompletedSuccessfully)
            Answer(task.Result, isShared: false);
        else
            Fail(task.Exception?.InnerException ?? new TaskCanceledException(task));
    }

    // Called under the lock of the owner, so that the caller continues on another thread.
    private void SendAgain(IDatabase database)
    {
        try
        {
            var task = database.StringGetAsync(Key);
            task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() =>
            {
                if (task.IsCompletedSuccessfully)
                    Answer(task.Result, isShared: true);
                else
                    Fail(task.Exception?.InnerException ?? new TaskCanceledException(task));
            });
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
    }

    private void Cancel(CancellationToken cancellationToken)
    {
        if (!TryEnd(Abandoned))
            return;
        _owner.Ended(bytes: 0);
        _result.RunContinuationsAsynchronously = true;
        _result.SetException(new OperationCanceledException(cancellationToken));
    }

    private bool TryRepeat(int state) =>
        (state & (Phase | Repeated)) == Pending && Interlocked.CompareExchange(ref _state, state | Repeated, state) == state;

    // Another attempt is needed when the read was repeated at this moment.
    private bool TryEnd(int phase)
    {
        var state = Volatile.Read(ref _state);
        return TryEnd(state, phase) || TryEnd(state | Repeated, phase);
    }

    private bool TryEnd(int state, int phase) =>
        (state & Phase) == Pending && Interlocked.CompareExchange(ref _state, state - Pending + phase, state) == state;

    // The caller continues on another thread: this one has other deadlines to check or other calls to fail.
    private void End(Exception exception)
    {
        _owner.Ended(bytes: 0);
        _gate.Failed(activity: null, exception, CancellationToken.None);
        _result.RunContinuationsAsynchronously = true;
        _result.SetResult(new RemoteResult<byte[]?>(exception));
    }
}
