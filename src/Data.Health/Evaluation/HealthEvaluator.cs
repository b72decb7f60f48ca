using Data.Health.History;
using Data.Health.Internal;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Data.Health.Evaluation;

/// <summary>Owns the contributors and runs one loop for each of them while the host runs. See design.md.</summary>
internal sealed class HealthEvaluator : BackgroundService, IHealthMonitor
{
    private readonly TrackedContributor[] _contributors;
    private readonly Dictionary<string, TrackedContributor> _byName;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private long _version;
    private bool _disposed;

    public HealthEvaluator(TrackedContributor[] contributors, HealthMetrics metrics, TimeProvider time, ILogger<HealthEvaluator> logger)
    {
        _contributors = contributors;
        _byName = contributors.ToDictionary(c => c.Name, StringComparer.OrdinalIgnoreCase);
        _time = time;
        _logger = logger;
        foreach (var contributor in contributors)
            contributor.Published = OnPublished;
        metrics.Observe(Measure);
    }

    /// <summary>Raised on each change of a contributor's status, on the evaluation's thread: handlers must only enqueue.</summary>
    public event Action<HealthChange>? Changed;

    public ReadOnlySpan<TrackedContributor> Contributors => _contributors;

    /// <summary>Number of published results; a cached view compares it.</summary>
    public long Version => Volatile.Read(ref _version);

    public CancellationToken Stopping => _stop.Token;

    /// <summary>Whether the loops run; before the host starts and in a program without one they do not.</summary>
    public bool IsRunning => ExecuteTask is { IsCompleted: false };

    public HealthStatus Status => Aggregate.Of(_contributors, _time.GetTimestamp());

    public IReadOnlyList<ContributorHealth> Read()
    {
        var now = _time.GetTimestamp();
        return Array.ConvertAll(_contributors, c => c.Read(now));
    }

    public TrackedContributor? Get(string name) => _byName.GetValueOrDefault(name);

    public ContributorHealth? Find(string contributor) => Get(contributor)?.Read(_time.GetTimestamp());

    public IReadOnlyList<HealthChange> History(string contributor) => Get(contributor)?.History.ToArray() ?? [];

    public async Task<ContributorHealth> EvaluateAsync(string contributor, CancellationToken cancellation = default)
    {
        var found = Get(contributor) ?? throw new ArgumentException(
            $"There is no contributor '{contributor}'; there are {string.Join(", ", _byName.Keys)}.", nameof(contributor));
        await found.EvaluateAsync(Stopping).WaitAsync(cancellation).ConfigureAwait(false);
        return found.Read(_time.GetTimestamp());
    }

    /// <summary>Returns the timestamp at which the first loop will be late by more than the tolerance.</summary>
    public long TurnsUntil(TimeSpan tolerance)
    {
        var end = long.MaxValue;
        foreach (var contributor in _contributors)
        {
            var policy = contributor.Policy;
            end = Math.Min(end, contributor.LastBeat + Timestamps.Of(policy.Period + policy.Timeout + tolerance, _time));
        }

        return end;
    }

    /// <summary>Raises a change that belongs to the evaluation as a whole.</summary>
    public void Raise(HealthChange change) => Changed?.Invoke(change);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        if (!Volatile.Read(ref _disposed))
            await _stop.CancelAsync().ConfigureAwait(false);
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    public override void Dispose()
    {
        // It is registered under three service types, and the container disposes it once for each.
        if (Interlocked.Exchange(ref _disposed, true))
            return;
        _stop.Cancel();
        _stop.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(_contributors.Select(c => TurnAsync(c, stoppingToken)));

    /// <summary>A defect in one loop must stop neither the host nor the other loops.</summary>
    private async Task TurnAsync(TrackedContributor contributor, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await contributor.RunAsync(stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                HealthLog.LoopFailed(_logger, contributor.Name, CauseText.Of(e, null));
                await Task.Delay(contributor.Policy.Period, _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>
    /// What the gauges show. An on-demand contributor has no age that tells anything: it is left out until somebody asks, and again when
    /// nobody has asked for so long that its result is stale.
    /// </summary>
    private IEnumerable<ContributorMeasure> Measure()
    {
        var now = _time.GetTimestamp();
        foreach (var contributor in _contributors)
        {
            if (contributor.Policy.Mode == EvaluationMode.OnDemand
                && (contributor.State.EvaluatedAtUtc is null || now >= contributor.StaleAt))
            {
                continue;
            }

            var read = contributor.Read(now);
            yield return new ContributorMeasure(read.Name, read.Status, read.Age, contributor.Policy.MaxAge);
        }
    }

    private void OnPublished(TrackedContributor contributor, HealthChange? change)
    {
        Interlocked.Increment(ref _version);
        if (change is not null)
            Changed?.Invoke(change);
    }
}
