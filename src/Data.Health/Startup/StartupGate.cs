using Data.Health.Internal;
using Microsoft.Extensions.Logging;

namespace Data.Health.Startup;

internal sealed class StartupGate : IStartupGate
{
    private readonly Lock _lock = new();
    private readonly List<string> _declared;
    private readonly List<string> _pending;
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly long _start;
    private volatile bool _isFinished;

    public StartupGate(IEnumerable<string> steps, TimeProvider time, ILogger<StartupGate> logger)
    {
        _declared = [.. steps.Distinct(StringComparer.OrdinalIgnoreCase)];
        _pending = [.. _declared];
        _time = time;
        _logger = logger;
        _start = time.GetTimestamp();
        if (_pending.Count == 0)
            Finish();
    }

    public bool IsFinished => _isFinished;

    public IReadOnlyList<string> Pending
    {
        get
        {
            lock (_lock)
                return [.. _pending];
        }
    }

    public void Complete(string step)
    {
        if (!_declared.Contains(step, StringComparer.OrdinalIgnoreCase))
        {
            throw new ArgumentException(
                $"'{step}' is not a start-up step; declared are {string.Join(", ", _declared)}. Declare it with AddStartupStep.",
                nameof(step));
        }

        lock (_lock)
        {
            if (_pending.RemoveAll(s => string.Equals(s, step, StringComparison.OrdinalIgnoreCase)) == 0)
                return;
            HealthLog.StepDone(_logger, step);
            if (_pending.Count == 0)
                Finish();
        }
    }

    public Task WaitAsync(CancellationToken cancellation = default) => _finished.Task.WaitAsync(cancellation);

    private void Finish()
    {
        _isFinished = true;
        _finished.TrySetResult();
        HealthLog.StartupFinished(_logger, _time.GetElapsedTime(_start).TotalMilliseconds);
    }
}
