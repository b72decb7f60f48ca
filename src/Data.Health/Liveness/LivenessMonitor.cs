using System.Collections.Immutable;
using Data.Health.Evaluation;
using Data.Health.Internal;
using Data.Health.Startup;
using Microsoft.Extensions.Hosting;

namespace Data.Health.Liveness;

/// <summary>
/// Detects a process that hangs. Once a second its own pulse passes through a timer and a work item of the thread pool; when all pool
/// threads are blocked, the pulse stops.
/// </summary>
internal sealed class LivenessMonitor(HealthEvaluator evaluator, ProcessControl control, TimeSpan maxSilence, TimeProvider time)
    : BackgroundService, ILiveness
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private ImmutableArray<Pulse> _pulses = [];
    private long _poolBeat = time.GetTimestamp();
    private long _aliveUntil = long.MinValue;
    private volatile bool _started;

    /// <summary>
    /// Whether every pulse is within its limit. A beat only ever moves an end further away, so the earliest end holds until it is reached;
    /// before that, a probe compares two numbers.
    /// </summary>
    public bool IsAlive
    {
        get
        {
            if (control.IsBroken)
                return false;
            var now = time.GetTimestamp();
            if (now < Volatile.Read(ref _aliveUntil))
                return true;
            var until = EarliestEnd();
            Volatile.Write(ref _aliveUntil, until);
            return now < until;
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
        Volatile.Write(ref _aliveUntil, long.MinValue);
        return pulse;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _started = true;
        Volatile.Write(ref _aliveUntil, long.MinValue);
        while (!stoppingToken.IsCancellationRequested)
        {
            Volatile.Write(ref _poolBeat, time.GetTimestamp());
            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // A host that stops does not hang.
        _started = false;
    }

    private long EarliestEnd()
    {
        // Before the host has started its services, nothing can be late.
        var end = _started
            ? Math.Min(Volatile.Read(ref _poolBeat) + Timestamps.Of(maxSilence, time), evaluator.TurnsUntil(maxSilence))
            : long.MaxValue;
        foreach (var pulse in _pulses)
            end = Math.Min(end, pulse.End);
        return end;
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

        public long End => Volatile.Read(ref _beat) + Timestamps.Of(maxSilence, time);

        public void Dispose() => monitor.Forget(this);
    }
}
