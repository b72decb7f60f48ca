using System.Runtime.InteropServices;

namespace Data.Resilience.Sessions;

/// <summary>Counts the calls that have joined a session and are running, and closes for more when its delegate has returned.</summary>
/// <remarks>Safe for concurrent use. A mutable structure, to be a field of its session and nothing else.</remarks>
[StructLayout(LayoutKind.Auto)]
internal struct JoinedCalls
{
    // The sign of the count.
    private const int Closed = int.MinValue;
    private int _count;
    private TaskCompletionSource? _ended;

    public readonly bool IsClosed => Volatile.Read(in _count) < 0;

    public readonly bool AreRunning => (Volatile.Read(in _count) & ~Closed) != 0;

    /// <summary>Begins a call, which ends with <see cref="End"/>.</summary>
    /// <returns>False when closed.</returns>
    public bool TryBegin()
    {
        for (var count = Volatile.Read(in _count); count >= 0;)
        {
            var seen = Interlocked.CompareExchange(ref _count, count + 1, count);
            if (seen == count)
                return true;

            count = seen;
        }

        return false;
    }

    public void End()
    {
        if (Interlocked.Decrement(ref _count) == Closed)
            Volatile.Read(in _ended)?.TrySetResult();
    }

    /// <summary>Refuses further calls.</summary>
    /// <returns>Whether none is running.</returns>
    public bool Close() => (Interlocked.Or(ref _count, Closed) & ~Closed) == 0;

    /// <summary>Waits, once closed, until the last call has ended.</summary>
    public Task EndedAsync()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _ended, ended);
        if (!AreRunning)
            ended.TrySetResult();

        return ended.Task;
    }
}
