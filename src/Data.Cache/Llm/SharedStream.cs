using System.Runtime.CompilerServices;

namespace Data.Cache.Llm;

/// <summary>A stream with one producer and any number of readers, each of whom sees it from its start.</summary>
/// <typeparam name="T">Type of the parts.</typeparam>
internal sealed class SharedStream<T>
{
    private readonly Lock _lock = new();
    private readonly List<T> _parts = [];
    private CancellationTokenSource? _abandoned;
    private TaskCompletionSource _changed = New();
    private Exception? _failure;
    private bool _ended;
    private bool _left;
    private int _readers;

    /// <summary>Fires when the last reader left before the end.</summary>
    public CancellationToken Abandoned
    {
        get
        {
            lock (_lock)
                return (_abandoned ??= new CancellationTokenSource()).Token;
        }
    }

    /// <summary>Joins, unless the stream was abandoned.</summary>
    public bool TryJoin()
    {
        lock (_lock)
        {
            if (_left)
                return false;
            _readers++;
            return true;
        }
    }

    public void Add(T part) => Change(() => _parts.Add(part));

    public void End(Exception? failure = null) => Change(() =>
    {
        _failure = failure;
        _ended = true;
    });

    /// <summary>Reads from the start to the end; must follow a successful <see cref="TryJoin"/>.</summary>
    public async IAsyncEnumerable<T> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            for (var at = 0; ;)
            {
                T[] fresh;
                Task changed;
                bool ended;
                lock (_lock)
                {
                    fresh = [.. _parts.Skip(at)];
                    changed = _changed.Task;
                    ended = _ended;
                }

                foreach (var part in fresh)
                    yield return part;
                at += fresh.Length;
                if (ended)
                    break;
                await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
            }

            if (_failure is not null)
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_failure);
        }
        finally
        {
            Leave();
        }
    }

    private void Leave()
    {
        CancellationTokenSource abandoned;
        lock (_lock)
        {
            if (--_readers > 0 || _ended)
                return;
            _left = true;
            abandoned = _abandoned ??= new CancellationTokenSource();
        }

        abandoned.Cancel();
    }

    private void Change(Action change)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            change();
            changed = _changed;
            _changed = New();
        }

        changed.TrySetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
