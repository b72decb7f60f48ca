using Microsoft.Extensions.Logging;

namespace Data.Resilience.Outbox;

/// <summary>The dispatchers of a context, one per database. A keyed singleton under <c>typeof(TContext)</c>.</summary>
internal sealed class OutboxDispatchers(
    OutboxDatabases databases,
    OutboxStatements statements,
    OutboxOptions options,
    IOutboxPublisher publisher,
    OutboxWakeUps wakeUps,
    TimeProvider time,
    ILogger logger) : IAsyncDisposable
{
    private OutboxDispatcher[] _all = [];

    /// <summary>Whether notifications do not arrive; null when nobody listens.</summary>
    public bool? IsSilent => options.WakeUp == OutboxWakeUp.Polling || _all.Length == 0
        ? null
        : _all.Any(static dispatcher => dispatcher.Listener?.IsSilent == true);

    public void Start()
    {
        _all = [.. databases.All.Select(
            database => new OutboxDispatcher(database, statements, options, publisher, time, logger))];
        foreach (var dispatcher in _all)
        {
            wakeUps.Register(dispatcher.Writers, dispatcher.Signal);
            dispatcher.Start();
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var all = _all;
        _all = [];
        foreach (var dispatcher in all)
            wakeUps.Unregister(dispatcher.Writers);

        await Task.WhenAll(all.Select(dispatcher => dispatcher.StopAsync(cancellationToken))).ConfigureAwait(false);
        foreach (var dispatcher in all)
            await dispatcher.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Stops without waiting for the publisher, when no host has stopped it before.</summary>
    public ValueTask DisposeAsync() => new(StopAsync(new CancellationToken(canceled: true)));
}
