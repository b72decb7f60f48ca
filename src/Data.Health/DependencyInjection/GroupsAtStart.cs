using Data.Health.Groups;
using Data.Health.Startup;
using Microsoft.Extensions.Hosting;

namespace Data.Health.DependencyInjection;

/// <summary>
/// Creates the groups and the phase of the host when the host starts: the groups so that an invalid one stops the start, the phase so
/// that it observes the start.
/// </summary>
internal sealed class GroupsAtStart(HealthGroups groups, HostPhase phase) : IHostedService
{
    public HealthGroups Groups { get; } = groups;

    public HostPhase Phase { get; } = phase;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
