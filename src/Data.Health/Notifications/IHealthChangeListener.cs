using Data.Health.History;

namespace Data.Health.Notifications;

/// <summary>Is told of each change of a contributor's status. Implementations are registered in the service collection.</summary>
/// <remarks>
/// Calls come one at a time in the order of the changes, away from the evaluation: a slow listener delays only itself. When more than
/// 1,000 changes wait for it the oldest are dropped and counted. An exception is logged by type and the next change follows.
/// </remarks>
public interface IHealthChangeListener
{
    /// <summary>Handles one change.</summary>
    /// <param name="change">The change, after hysteresis.</param>
    /// <param name="cancellation">Cancelled when the host stops.</param>
    /// <returns>A task that ends when the change is handled.</returns>
    ValueTask OnChangeAsync(HealthChange change, CancellationToken cancellation);
}
