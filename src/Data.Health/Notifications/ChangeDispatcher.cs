using System.Threading.Channels;
using Data.Health.Evaluation;
using Data.Health.History;
using Data.Health.Internal;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Data.Health.Notifications;

/// <summary>
/// Hands changes to listeners, each through a bounded queue of its own, so that none can hold up the evaluation or another.
/// </summary>
internal sealed class ChangeDispatcher : BackgroundService
{
    private const int Capacity = 1000;
    private readonly HealthEvaluator _evaluator;
    private readonly (IHealthChangeListener Listener, Channel<HealthChange> Queue)[] _lines;
    private readonly ILogger _logger;

    public ChangeDispatcher(
        HealthEvaluator evaluator,
        IEnumerable<IHealthChangeListener> listeners,
        WebhookSet webhooks,
        HealthMetrics metrics,
        ILogger<ChangeDispatcher> logger)
    {
        _evaluator = evaluator;
        _logger = logger;
        _lines = [.. listeners.Concat(webhooks.Listeners).Select(l => (l, NewQueue(l.GetType().Name, metrics)))];
        evaluator.Changed += Enqueue;
    }

    public override void Dispose()
    {
        _evaluator.Changed -= Enqueue;
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(_lines.Select(l => PumpAsync(l.Listener, l.Queue.Reader, stoppingToken)));

    private static Channel<HealthChange> NewQueue(string listener, HealthMetrics metrics) =>
        Channel.CreateBounded<HealthChange>(
            new BoundedChannelOptions(Capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest },
            _ => metrics.Dropped(listener));

    private void Enqueue(HealthChange change)
    {
        foreach (var (_, queue) in _lines)
            queue.Writer.TryWrite(change);
    }

    private async Task PumpAsync(IHealthChangeListener listener, ChannelReader<HealthChange> queue, CancellationToken stop)
    {
        // Off the caller's thread: a listener may block before its first await.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await foreach (var change in queue.ReadAllAsync(stop).ConfigureAwait(false))
        {
            try
            {
                await listener.OnChangeAsync(change, stop).ConfigureAwait(false);
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                HealthLog.ListenerFailed(_logger, listener.GetType().Name, change.Contributor, CauseText.Of(e, null));
            }
        }
    }
}
