using Data.Health.History;

namespace Data.Health.Notifications;

internal sealed class DelegateListener(Func<HealthChange, CancellationToken, ValueTask> handle) : IHealthChangeListener
{
    public ValueTask OnChangeAsync(HealthChange change, CancellationToken cancellation) => handle(change, cancellation);
}
