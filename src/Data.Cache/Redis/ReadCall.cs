using System.Threading.Tasks.Sources;
using StackExchange.Redis;

namespace Data.Cache.Redis;

/// <summary>One read on its way: used again for the next one when it ended by itself, thrown away when it was given up.</summary>
/// <remarks>
/// Three may end it: the answer, the deadline and the caller. Whoever changes the state first does, and the others find it ended. One whose answer
/// is still to come is never used again, so a late answer cannot reach the next caller.
/// </remarks>
internal sealed class ReadCall : IValueTaskSource<RemoteResult<byte[]?>>
{
    // The lowest bits of the state; the rest is the number of the use, so that nobody ends the next one by mistake.
    private const int Phase = 3;
    private const int Free = 0;
    private const int Pending = 1;
    private const int Answered = 2;
    private const int GivenUp = 3;
    private readonly ReadCalls _owner;
    private readonly RemoteGate _gate;
    private readonly Action _onAnswer;
    private ManualResetValueTaskSourceCore<RemoteResult<byte[]?>> _result;
    private CancellationTokenRegistration _cancellation;
    private Task<RedisValue>? _task;
    private long _until;
    private int _state;

    public ReadCall(ReadCalls owner, RemoteGate gate)
    {
        _owner = owner;
        _gate = gate;
        _onAnswer = OnAnswer;
    }

    public bool IsPending => (Volatile.Read(ref _state) & Phase) == Pending;

    public ValueTask<RemoteResult<byte[]?>> Await(Task<RedisValue> task, long until, CancellationToken cancellationToken)
    {
        _task = task;
        _until = until;
        Volatile.Write(ref _state, _state + (Pending - Free));
        var version = _result.Version;
        if (cancellationToken.CanBeCanceled)
            _cancellation = cancellationToken.UnsafeRegister(static (call, token) => ((ReadCall)call!).Cancel(token), this);
        task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_onAnswer);
        return new ValueTask<RemoteResult<byte[]?>>(this, version);
    }

    /// <summary>Ends the call if its time is over. Returns whether it is still of use.</summary>
    public bool Expire(long now)
    {
        var state = Volatile.Read(ref _state);
        if ((state & Phase) == Pending && now >= Volatile.Read(ref _until) && TryEnd(state, GivenUp))
        {
            // Whoever waited goes on elsewhere: here others' deadlines are waiting.
            _result.RunContinuationsAsynchronously = true;
            _result.SetResult(Fail(new TimeoutException("Redis did not answer within the deadline.")));
        }

        return (Volatile.Read(ref _state) & Phase) != GivenUp;
    }

    /// <summary>Takes a call that is not needed any more out of use.</summary>
    public void Retire() => Volatile.Write(ref _state, _state | GivenUp);

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
            if ((Volatile.Read(ref _state) & Phase) == Answered)
            {
                _task = null;
                _result.Reset();
                Volatile.Write(ref _state, unchecked(_state - Answered + Phase + 1));
                _owner.Return(this);
            }
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _result.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => _result.OnCompleted(continuation, state, token, flags);

    private void OnAnswer()
    {
        var state = Volatile.Read(ref _state);
        if ((state & Phase) != Pending || !TryEnd(state, Answered))
            return;
        var task = _task!;
        if (task.IsCompletedSuccessfully)
        {
            _gate.Succeeded();
            _result.SetResult(new RemoteResult<byte[]?>((byte[]?)task.Result));
            return;
        }

        _result.SetResult(Fail(task.Exception?.InnerException ?? new TaskCanceledException(task)));
    }

    private void Cancel(CancellationToken cancellationToken)
    {
        var state = Volatile.Read(ref _state);
        if ((state & Phase) != Pending || !TryEnd(state, GivenUp))
            return;
        _result.RunContinuationsAsynchronously = true;
        RemoteGate.Observe(_task);
        _result.SetException(new OperationCanceledException(cancellationToken));
    }

    private bool TryEnd(int state, int phase) => Interlocked.CompareExchange(ref _state, state - Pending + phase, state) == state;

    private RemoteResult<byte[]?> Fail(Exception exception)
    {
        _gate.Failed(_task, activity: null, exception, CancellationToken.None);
        return new RemoteResult<byte[]?>(exception);
    }
}
