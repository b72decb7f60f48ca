using Data.Health.Startup;
using Microsoft.Extensions.Hosting;

namespace Data.Health.Groups;

/// <summary>
/// Makes the groups and the phase of the host at start: the groups so that a wrong one is an error then, the phase so that it sees the
/// start.
/// </summary>
internal sealed class GroupsAtStart(HealthGroups groups, HostPhase phase) : IHostedService
{
    public HealthGroups Groups { get; } = groups;

    public HostPhase Phase { get; } = phase;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
