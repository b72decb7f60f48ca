using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Data.Resilience.Internal;

namespace Data.Resilience.Connections;

/// <summary>Gauges over the living nodes: the state of each circuit, what is left of each retry budget, and who waits.</summary>
internal static class NodeGauges
{
    private static readonly ConcurrentDictionary<DatabaseNode, bool> Nodes = new();

    static NodeGauges()
    {
        ResilienceTelemetry.Meter.CreateObservableGauge(
            "data.resilience.circuit.state", static () => Observe(
                static node => (int)node.Circuit.State), "{state}", "State of the circuit: 0 closed, 1 open, 2 half-open, 3 isolated "
                + "manually.");
        ResilienceTelemetry.Meter.CreateObservableGauge(
            "data.resilience.retry.budget", static () => Observe(
                static node => node.Budget.Tokens), "{token}", "Tokens left in the retry budget; at half of its size or below, "
                + "retries wait.");
        ResilienceTelemetry.Meter.CreateObservableGauge(
            "data.resilience.session.waiting", static () => Observe(
                static node => node.Gate.WaitingCount), "{session}", "Sessions that wait for the database to answer again.");
    }

    public static void Add(DatabaseNode node) => Nodes[node] = true;

    public static void Remove(DatabaseNode node) => Nodes.TryRemove(node, out _);

    private static IEnumerable<Measurement<T>> Observe<T>(Func<DatabaseNode, T> value)
        where T : struct =>
        Nodes.Keys
            .Select(node => new Measurement<T>(value(node), new KeyValuePair<string, object?>(ResilienceTelemetry.NodeTag, node.Name)));
}
