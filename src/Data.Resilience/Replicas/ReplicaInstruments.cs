using System.Diagnostics.Metrics;
using Data.Resilience.Connections;
using Data.Resilience.Internal;

namespace Data.Resilience.Replicas;

/// <summary>The metrics of replicas.</summary>
internal sealed class ReplicaInstruments : IDisposable
{
    private readonly Meter _meter = new(ResilienceTelemetry.Name);
    private readonly Counter<long> _ejections;
    private readonly Counter<long> _routes;

    public ReplicaInstruments(Func<IReadOnlyList<ReplicaStatus>> status)
    {
        _ejections = _meter.CreateCounter<long>(
            "data.resilience.replica.ejections",
            "{ejection}",
            "Replicas that ceased to serve, by the state they went to.");
        _routes = _meter.CreateCounter<long>(
            "data.resilience.replica.reads",
            "{session}",
            "Read sessions that would accept a replica, by the node that serves them.");
        _meter.CreateObservableGauge(
            "data.resilience.replica.staleness",
            () => status().Where(s => s.Staleness is not null)
                .Select(s => new Measurement<double>(s.Staleness!.Value.TotalSeconds, Tag(s.Name))),
            "s",
            "Upper bound of the age of a replica's data.");
        _meter.CreateObservableGauge(
            "data.resilience.replica.serving",
            () => status().Select(s => new Measurement<int>(s.State == ReplicaState.Serving ? 1 : 0, Tag(s.Name))),
            "{replica}",
            "1 when the replica serves reads.");
    }

    public void Ejected(Replica replica) =>
        _ejections.Add(1, Tag(replica.Node.Name), new(ResilienceTelemetry.StateTag, replica.State.ToString()));

    public void Routed(DatabaseNode node)
    {
        if (_routes.Enabled)
            _routes.Add(1, Tag(node.Name));
    }

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Tag(string name) => new(ResilienceTelemetry.NodeTag, name);
}
