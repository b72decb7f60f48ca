using Data.Cache.Internal;
using Data.Cache.Observation;
using Data.Cache.Redis;
using Microsoft.Extensions.Logging;

namespace Data.Cache.Engine;

/// <summary>Makes all calls to a distributed cache: each has a deadline, and a circuit breaker ends them while none is answered.</summary>
/// <remarks>After each break one caller tries.</remarks>
internal sealed partial class DistributedGate
{
    private readonly FailureWindow _window;
    private readonly MonotonicClock _clock;
    private readonly TimeProvider _time;
    private readonly long _break;
    private readonly CacheCounters _counters;
    private readonly ILogger _logger;
    private long _brokenUntil;
    private volatile string? _fault;

    public DistributedGate(DataCacheOptions options, CacheCounters counters, ILogger logger, TimeProvider time)
    {
        _window = new FailureWindow(
            options.BreakerFailureRatio,
            options.BreakerMinimumThroughput,
            options.BreakerSamplingDuration,
            time);
        _clock = new MonotonicClock(time);
        _time = time;
        _break = (long)options.BreakDuration.TotalMilliseconds;
        _counters = counters;
        _logger = logger;
    }

    /// <summary>Whether a call would be made: the breaker is closed, or its break is over.</summary>
    public bool IsUsable => Volatile.Read(ref _brokenUntil) is var until && (until == 0 || _clock.Milliseconds >= until);

    public CacheLinkState State => Volatile.Read(ref _brokenUntil) == 0 ? CacheLinkState.Connected : CacheLinkState.Disconnected;

    /// <summary>Type of the failure that opened the breaker; null while it is closed.</summary>
    public string? Fault => _fault;

    public async ValueTask<RemoteResult<T>> CallAsync<T>(
        Func<CancellationToken, Task<T>> call,
        TimeSpan deadline,
        CancellationToken cancellationToken)
    {
        if (!TryEnter())
            return new RemoteResult<T>((Exception?)null);
        using var limit = new CancellationTokenSource(deadline, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        Task<T>? task = null;
        try
        {
            task = call(both.Token);
            var value = await task.WaitAsync(both.Token).ConfigureAwait(false);
            Succeeded();
            return new RemoteResult<T>(value);
        }
        catch (Exception exception)
        {
            // An abandoned call may still fail later; its exception counts as observed.
            _ = task?.ContinueWith(
                static late => _ = late.Exception,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
            if (exception is OperationCanceledException)
                cancellationToken.ThrowIfCancellationRequested();
            var failure = limit.IsCancellationRequested
                ? new TimeoutException("It did not answer within the deadline.", exception)
                : exception;
            Failed(failure);
            return new RemoteResult<T>(failure);
        }
    }

    private bool TryEnter()
    {
        var until = Volatile.Read(ref _brokenUntil);
        return until == 0
            || (_clock.Milliseconds >= until && Interlocked.CompareExchange(ref _brokenUntil, NextTry(), until) == until);
    }

    private void Succeeded()
    {
        _window.Succeeded();
        if (Volatile.Read(ref _brokenUntil) == 0 || Interlocked.Exchange(ref _brokenUntil, 0) == 0)
            return;
        _fault = null;
        _counters.LinkChanges.Increment();
        LogAnswers(_logger);
        _counters.Events?.Raise(CacheEventKind.Connected, scope: string.Empty, name: null);
    }

    private void Failed(Exception exception)
    {
        if (!_window.Failed() || Interlocked.Exchange(ref _brokenUntil, NextTry()) != 0)
            return;

        // The type alone: messages may contain hosts and ports.
        _fault = exception.GetType().Name;
        _counters.LinkChanges.Increment();
        LogDoesNotAnswer(_logger, _fault);
        _counters.Events?.Raise(CacheEventKind.Disconnected, scope: string.Empty, name: null);
    }

    private long NextTry() => Math.Max(1, _clock.Milliseconds + _break);

    [LoggerMessage(2040, LogLevel.Warning, "The distributed cache does not answer ({Cause}); the outage mode applies")]
    private static partial void LogDoesNotAnswer(ILogger logger, string cause);

    [LoggerMessage(2041, LogLevel.Information, "The distributed cache answers again")]
    private static partial void LogAnswers(ILogger logger);
}
