using Data.Health.History;

namespace Data.Health.Notifications;

/// <summary>Hands changes to a delegate of the application.</summary>
internal sealed class DelegateListener(IServiceProvider services, Func<IServiceProvider, HealthChange, CancellationToken, Task> handle)
    : IHealthChangeListener
{
    public ValueTask OnChangeAsync(HealthChange change, CancellationToken cancellation) => new(handle(services, change, cancellation));
}
