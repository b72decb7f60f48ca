using System.Collections.Immutable;
using Data.Health.Evaluation;
using Data.Health.Internal;
using Microsoft.Extensions.Hosting;

namespace Data.Health.Liveness;

/// <summary>
/// Knows whether the process is wedged. Its own pulse goes through a timer and a work item of the thread pool once a second; when all
/// pool threads are blocked, neither arrives.
/// </summary>
internal sealed class LivenessMonitor(HealthEvaluator evaluator, TimeSpan maxSilence, TimeProvider time) : BackgroundService, ILiveness
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private ImmutableArray<Pulse> _pulses = [];
    private long _poolBeat = time.GetTimestamp();
    private volatile bool _started;

    public bool IsAlive
    {
        get
        {
            var now = time.GetTimestamp();

            // Before the host has started its services there is nothing that could have fallen silent.
            if (_started && (time.GetElapsedTime(Volatile.Read(ref _poolBeat), now) > maxSilence || !evaluator.IsTurning(now, maxSilence)))
                return false;
            foreach (var pulse in _pulses)
            {
                if (pulse.IsSilent(now))
                    return false;
            }

            return true;
        }
    }

    public ILivenessPulse Watch(string name, TimeSpan maxSilence)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSilence, TimeSpan.FromMilliseconds(100));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxSilence, TimeSpan.FromDays(1));
        var pulse = new Pulse(this, maxSilence, time);
        lock (_lock)
            _pulses = _pulses.Add(pulse);
        return pulse;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _started = true;
        while (!stoppingToken.IsCancellationRequested)
        {
            Volatile.Write(ref _poolBeat, time.GetTimestamp());
            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // A stopping host is not a wedged one.
        _started = false;
    }

    private void Forget(Pulse pulse)
    {
        lock (_lock)
            _pulses = _pulses.Remove(pulse);
    }

    private sealed class Pulse(LivenessMonitor monitor, TimeSpan maxSilence, TimeProvider time) : ILivenessPulse
    {
        private long _beat = time.GetTimestamp();

        public void Beat() => Volatile.Write(ref _beat, time.GetTimestamp());

        public bool IsSilent(long now) => now - Volatile.Read(ref _beat) > Timestamps.Of(maxSilence, time);

        public void Dispose() => monitor.Forget(this);
    }
}
