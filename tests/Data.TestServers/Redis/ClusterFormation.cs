using System.Globalization;
using PrivateServers.Ports;

namespace Data.TestServers.Redis;

/// <summary>Makes a cluster of separate nodes. redis-cli can too, but takes several seconds over it.</summary>
internal static class ClusterFormation
{
    /// <summary>
    /// Starts one node that knows no other; its second port, for the other nodes, stays reserved as long as the node's own.
    /// </summary>
    internal static async Task<(RedisServer Node, LoopbackPort BusPort)> StartNodeAsync(
        RedisClusterOptions options,
        CancellationToken cancellationToken)
    {
        var busPort = LoopbackPort.Any();
        try
        {
            var settings = new Dictionary<string, string>(options.Settings, StringComparer.Ordinal)
            {
                // By default a primary waits five seconds for more replicas to copy to at once.
                ["repl-diskless-sync-delay"] = "0",
                ["cluster-enabled"] = "yes",
                ["cluster-port"] = Text(busPort.Number),
                ["cluster-node-timeout"] = ((long)options.NodeTimeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture),
            };
            return (await RedisServer.StartAsync(
                new RedisServerOptions { Password = options.Password, Settings = settings },
                cancellationToken).ConfigureAwait(false), busPort);
        }
        catch
        {
            busPort.Dispose();
            throw;
        }
    }

    /// <summary>Gives each primary its share of the slots, introduces all nodes to one another, and waits until all agree.</summary>
    internal static async Task FormAsync(
        IReadOnlyList<(RedisServer Node, LoopbackPort BusPort)> nodes,
        int primaries,
        CancellationToken cancellationToken)
    {
        for (var index = 0; index < nodes.Count; index++)
        {
            // Epochs that differ from the start spare the nodes their quarrel about who came first.
            await nodes[index].Node.ExecuteAsync("CLUSTER", "SET-CONFIG-EPOCH", Text(index + 1)).ConfigureAwait(false);
            if (index >= primaries)
                continue;
            var (first, end) = (RedisCluster.SlotCount * index / primaries, RedisCluster.SlotCount * (index + 1) / primaries);
            await nodes[index].Node.ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", Text(first), Text(end - 1)).ConfigureAwait(false);
        }

        foreach (var (node, _) in nodes)
        {
            foreach (var (other, busPort) in nodes)
            {
                if (other != node)
                    await node.ExecuteAsync("CLUSTER", "MEET", other.Host, Text(other.Port), Text(busPort.Number)).ConfigureAwait(false);
            }
        }

        foreach (var (node, _) in nodes)
            await UntilAsync(() => KnowsAsync(node, nodes.Count), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes a node the replica of a primary and waits until it has the primary's data.</summary>
    internal static async Task ReplicateAsync(RedisServer replica, RedisServer primary, CancellationToken cancellationToken)
    {
        await replica.ExecuteAsync("CLUSTER", "REPLICATE", await IdAsync(primary).ConfigureAwait(false)).ConfigureAwait(false);
        await UntilAsync(() => SaysAsync(replica, "master_link_status:up", "INFO", "replication"), cancellationToken).ConfigureAwait(false);
    }

    internal static async Task<string> IdAsync(RedisServer node) =>
        (string)(await node.ExecuteAsync("CLUSTER", "MYID").ConfigureAwait(false))!;

    /// <summary>Whether the text that a command answers holds some words.</summary>
    internal static async Task<bool> SaysAsync(RedisServer node, string words, params IReadOnlyList<string> command) =>
        ((string)(await node.ExecuteAsync(command).ConfigureAwait(false))!).Contains(words, StringComparison.Ordinal);

    internal static async Task UntilAsync(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        while (!await condition().ConfigureAwait(false))
            await Task.Delay(20, cancellationToken).ConfigureAwait(false);
    }

    internal static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static async Task<bool> KnowsAsync(RedisServer node, int count) =>
        await SaysAsync(node, "cluster_known_nodes:" + Text(count) + "\r", "CLUSTER", "INFO").ConfigureAwait(false)
        && await SaysAsync(node, "cluster_slots_assigned:" + Text(RedisCluster.SlotCount) + "\r", "CLUSTER", "INFO").ConfigureAwait(false)
        && !await SaysAsync(node, "handshake", "CLUSTER", "NODES").ConfigureAwait(false);
}
