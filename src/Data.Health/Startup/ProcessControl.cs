using System.Collections.Immutable;
using Data.Health.Evaluation;
using Data.Health.Internal;
using Microsoft.Extensions.Logging;

namespace Data.Health.Startup;

/// <summary>What the application says of itself.</summary>
internal sealed class ProcessControl(HostPhase host, ILogger<ProcessControl> logger) : IHealthControl
{
    private ImmutableList<Refusal> _refusals = [];
    private volatile string? _broken;

    public bool IsBroken => _broken is not null;

    public bool IsRefusingTraffic => host.IsStopping || IsBroken || !Volatile.Read(ref _refusals).IsEmpty;

    /// <summary>Why traffic is refused, for callers that see details.</summary>
    public IReadOnlyList<string> Notes
    {
        get
        {
            var notes = Volatile.Read(ref _refusals).Select(r => "refusing: " + r.Reason).ToList();
            if (_broken is { } reason)
                notes.Insert(0, "broken: " + reason);
            if (host.IsStopping)
                notes.Insert(0, "shutting_down");
            return notes;
        }
    }

    public IDisposable RefuseTraffic(string reason)
    {
        Demand(reason);
        var refusal = new Refusal(this, reason);
        ImmutableInterlocked.Update(ref _refusals, static (list, item) => list.Add(item), refusal);
        HealthLog.Refusing(logger, reason);
        return refusal;
    }

    public void ReportBroken(string reason)
    {
        Demand(reason);
        if (Interlocked.CompareExchange(ref _broken, reason, null) is null)
            HealthLog.Broken(logger, reason);
    }

    private static void Demand(string reason)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        if (!HealthReasons.IsCode(reason))
        {
            throw new ArgumentException(
                "The reason must be a code of at most 40 letters, digits and underscores that starts with a letter, such as maintenance.",
                nameof(reason));
        }
    }

    private void Ended(Refusal refusal) => HealthLog.Accepting(logger, refusal.Reason);

    private sealed class Refusal(ProcessControl control, string reason) : IDisposable
    {
        public string Reason { get; } = reason;

        public void Dispose()
        {
            if (ImmutableInterlocked.Update(ref control._refusals, static (list, item) => list.Remove(item), this))
                control.Ended(this);
        }
    }
}
