using System.Diagnostics.CodeAnalysis;
using Data.Cache.Invalidation;
using Data.Cache.Local;
using Data.Cache.Serialization;
using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Cache.Stampede;

/// <summary>One run for all concurrent callers of a key. It ends early when every caller has cancelled.</summary>
internal abstract class Flight(string name, HybridCacheEntryFlags flags, int version)
{
    private readonly Lock _lock = new();
    private CancellationTokenSource? _cancel;
    private int _callers;
    private bool _closed;
    private bool _detached;

    public string Name { get; } = name;

    /// <summary>Flags of the requests that share it.</summary>
    public HybridCacheEntryFlags Flags { get; } = flags;

    /// <summary>
    /// <see cref="TagStamps.Version"/> when it was made. For a caller who joins at another version, a tag may have been removed since.
    /// </summary>
    public int Version { get; } = version;

    /// <summary>Type of the value.</summary>
    public abstract Type Type { get; }

    /// <summary>Fires when every caller has cancelled.</summary>
    public CancellationToken Token
    {
        get
        {
            lock (_lock)
                return (_cancel ??= new CancellationTokenSource()).Token;
        }
    }

    /// <summary>Joins, unless the flight has ended or was closed.</summary>
    /// <param name="first">Whether the caller is the one to run it.</param>
    public bool TryJoin(out bool first)
    {
        lock (_lock)
        {
            first = _callers == 0 && !_detached;
            if (_closed)
                return false;
            _callers++;
            return true;
        }
    }

    /// <summary>
    /// Joins when other callers wait for the result, and no tag was removed since: not a flight that nobody runs yet, nor one that renews a
    /// value.
    /// </summary>
    public bool TryJoinOthers(int version)
    {
        lock (_lock)
        {
            if (_closed || _detached || _callers == 0 || version != Version)
                return false;
            _callers++;
            return true;
        }
    }

    /// <summary>
    /// Lets the flight continue without callers: as a refresh, or after they got a stale value. Returns false when it was cancelled before.
    /// </summary>
    public bool TryDetach()
    {
        lock (_lock)
        {
            _detached = _cancel is not { IsCancellationRequested: true };
            return _detached;
        }
    }

    /// <summary>Lets no further caller join. Callers that have joined still get the result.</summary>
    public void Close()
    {
        lock (_lock)
            _closed = true;
    }

    /// <summary>Removes a caller that cancelled. Returns true when it was the last, so that the run is cancelled.</summary>
    public bool Leave()
    {
        CancellationTokenSource? cancel;
        lock (_lock)
        {
            if (--_callers > 0 || _detached)
                return false;
            _closed = true;
            cancel = _cancel ??= new CancellationTokenSource();
        }

        cancel.Cancel();
        return true;
    }
}

/// <summary>A flight with a typed result.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
internal sealed class Flight<T>(string name, HybridCacheEntryFlags flags, int version) : Flight(name, flags, version)
{
    private static readonly bool IsShared = Immutability.Of<T>();
    private readonly TaskCompletionSource<Produced<T>> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _completion = new();
    private TaskCompletionSource<T>? _value;
    private LocalEntry? _entry;

    public override Type Type => typeof(T);

    public Task<Produced<T>> Result => _result.Task;

    /// <summary>Returns the value itself, as one task for all callers, unless each of them needs a copy of its own.</summary>
    public bool TryShare([NotNullWhen(true)] out Task<T>? value)
    {
        value = null;
        if (!IsShared)
            return false;
        if (Volatile.Read(ref _value) is null)
            Interlocked.CompareExchange(ref _value, new(TaskCreationOptions.RunContinuationsAsynchronously), null);
        if (_result.Task.IsCompleted)
            Forward();
        value = _value!.Task;
        return true;
    }

    /// <summary>Completes the flight, unless it is completed.</summary>
    /// <param name="produced">The value.</param>
    /// <param name="entry">What tells whether a removal covers the value; null when nothing does.</param>
    public bool TryComplete(in Produced<T> produced, LocalEntry? entry)
    {
        lock (_completion)
        {
            if (!_result.TrySetResult(produced))
                return false;
            _entry = entry;
        }

        Forward();
        return true;
    }

    /// <summary>Whether the value of a completed flight is known not to be covered by the removal of a tag.</summary>
    public bool IsValid(TagStamps tags)
    {
        lock (_completion)
            return _entry is { } entry && tags.Judge(entry.Tags, entry.Life.Epoch) == TagVerdict.Valid;
    }

    /// <summary>Fails the callers that have joined. One that asks after the failure gets a run of its own.</summary>
    public void TryFail(Exception exception)
    {
        Close();
        _result.TrySetException(exception);
        // Observed here, because every caller may have cancelled; the failure was counted and logged where it happened.
        _ = _result.Task.Exception;
        Forward();
    }

    private void Forward()
    {
        if (Volatile.Read(ref _value) is not { } value)
            return;
        if (_result.Task.Exception is not { } failure)
        {
            value.TrySetResult(_result.Task.Result.Take()!);
            return;
        }

        value.TrySetException(failure.InnerExceptions);
        _ = value.Task.Exception;
    }
}
