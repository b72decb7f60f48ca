using Data.Resilience.Outbox;
using Microsoft.Extensions.Hosting;

namespace Data.Resilience.DependencyInjection;

/// <summary>Dispatches while the host runs.</summary>
internal sealed class OutboxStartup(OutboxDispatchers dispatchers) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        dispatchers.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => dispatchers.StopAsync(cancellationToken);
}
