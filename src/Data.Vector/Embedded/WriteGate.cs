namespace Data.Vector.Embedded;

/// <summary>A gate that writes enter together. The start of a snapshot and closing enter alone, while no write runs.</summary>
internal sealed class WriteGate
{
    private readonly Lock _gate = new();
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private TaskCompletionSource? _drained;
    private int _writers;
    private bool _alone;

    public async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task wait;
            lock (_gate)
            {
                if (!_alone)
                {
                    _writers++;
                    return;
                }

                var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Enqueue(source);
                wait = source.Task;
            }

            await wait.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public void Exit()
    {
        lock (_gate)
        {
            if (--_writers == 0)
                _drained?.TrySetResult();
        }
    }

    /// <summary>Keeps new writes out and waits for those inside to end. One caller at a time.</summary>
    public async ValueTask EnterAloneAsync()
    {
        Task? wait = null;
        lock (_gate)
        {
            if (_alone)
                throw new InvalidOperationException("Another caller has entered alone.");

            _alone = true;
            if (_writers > 0)
            {
                _drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                wait = _drained.Task;
            }
        }

        if (wait is not null)
            await wait.ConfigureAwait(false);
    }

    public void ExitAlone()
    {
        lock (_gate)
        {
            _alone = false;
            _drained = null;
            while (_waiting.TryDequeue(out var source))
                source.TrySetResult();
        }
    }
}
