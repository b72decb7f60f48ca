using Data.Health.History;

namespace Data.Health.Notifications;

/// <summary>Receives each change of a contributor's status. Implementations are registered in the service collection.</summary>
/// <remarks>
/// Calls are made one at a time, in the order of the changes and outside the evaluation: a slow listener delays only itself. When more
/// than 1,000 changes wait for a listener, the oldest are dropped and counted. An exception is logged by type; the next change follows.
/// </remarks>
public interface IHealthChangeListener
{
    /// <summary>Handles one change.</summary>
    /// <param name="change">The change, after hysteresis.</param>
    /// <param name="cancellation">Cancelled when the host stops.</param>
    /// <returns>A task that ends when the change is handled.</returns>
    ValueTask OnChangeAsync(HealthChange change, CancellationToken cancellation);
}
