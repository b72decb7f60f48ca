namespace Data.Resilience.Replicas;

/// <summary>The monitors of one context: of its own database and of each shard, as far as they have replicas.</summary>
internal sealed class ReplicaMonitors(IEnumerable<ReplicaMonitor> monitors) : IAsyncDisposable
{
    public IReadOnlyList<ReplicaMonitor> All { get; } = [.. monitors];

    public void Start()
    {
        foreach (var monitor in All)
            monitor.Start();
    }

    public IReadOnlyList<ReplicaStatus> GetStatus() => [.. All.SelectMany(static monitor => monitor.GetStatus())];

    public async ValueTask DisposeAsync()
    {
        foreach (var monitor in All)
            await monitor.DisposeAsync().ConfigureAwait(false);
    }
}
