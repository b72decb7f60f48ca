using System.Collections.Concurrent;
using Data.Resilience.Connections;
using Microsoft.Extensions.Logging;

namespace Data.Resilience.Outbox;

/// <summary>Tells dispatchers of commits: in memory when one runs in this process, else by NOTIFY.</summary>
internal sealed class OutboxWakeUps(OutboxOptions options, OutboxStatements statements, TimeProvider time, ILogger logger)
{
    private readonly ConcurrentDictionary<DatabaseNode, OutboxSignal> _dispatchers = new();
    private readonly ConcurrentDictionary<DatabaseNode, OutboxNotifier> _notifiers = new();

    public void Register(DatabaseNode node, OutboxSignal signal) => _dispatchers[node] = signal;

    public void Unregister(DatabaseNode node) => _dispatchers.TryRemove(node, out _);

    /// <summary>Messages were committed on the node.</summary>
    public void Committed(DatabaseNode node)
    {
        if (options.WakeUp == OutboxWakeUp.Polling)
            return;

        if (_dispatchers.TryGetValue(node, out var signal))
            signal.Set();
        else if (options.WakeUp == OutboxWakeUp.AfterCommit)
            _notifiers.GetOrAdd(node, static (node, all) => all.CreateNotifier(node), this).Notify();
    }

    private OutboxNotifier CreateNotifier(DatabaseNode node) => new(node, statements, time, logger);
}
