using Data.TestServers.Redis;
using PrivateServers.Ports;
using static Data.TestServers.Redis.ClusterFormation;

namespace Data.TestServers;

/// <summary>A Redis cluster of a test: three primaries with a third of the slots each, on wish with a replica each.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    /// <summary>How many slots a cluster has.</summary>
    public const int SlotCount = 16_384;

    private const int PrimaryCount = 3;
    private readonly RedisServer[] _primaries;
    private readonly RedisServer[] _replicas;
    private readonly LoopbackPort[] _busPorts;

    private RedisCluster((RedisServer Node, LoopbackPort BusPort)[] nodes)
    {
        _primaries = [.. nodes.Take(PrimaryCount).Select(node => node.Node)];
        _replicas = [.. nodes.Skip(PrimaryCount).Select(node => node.Node)];
        _busPorts = [.. nodes.Select(node => node.BusPort)];
    }

    /// <summary>The nodes that were primaries at the start, by rising slots.</summary>
    public IReadOnlyList<RedisServer> Primaries => _primaries;

    /// <summary>The nodes that were replicas at the start, each at the index of its primary; empty when none were asked for.</summary>
    public IReadOnlyList<RedisServer> Replicas => _replicas;

    /// <summary>All nodes.</summary>
    public IEnumerable<RedisServer> Nodes => _primaries.Concat(_replicas);

    /// <summary>A connection string in StackExchange.Redis's words, with the primaries as seeds.</summary>
    public string ConnectionString =>
        string.Join(',', _primaries.Select(node => node.EndPoint)) + (_primaries[0].Password.Length == 0 ?
            "" :
            ",password=" + _primaries[0].Password);

    /// <summary>Starts a cluster.</summary>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <returns>The cluster, each of whose nodes knows all others and calls it sound.</returns>
    public static async Task<RedisCluster> StartAsync(RedisClusterOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new RedisClusterOptions();
        var count = options.Replicas ? 2 * PrimaryCount : PrimaryCount;
        var nodes = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => StartNodeAsync(options, cancellationToken)))
            .ConfigureAwait(false);
        var cluster = new RedisCluster(nodes);
        try
        {
            await FormAsync(nodes, PrimaryCount, cancellationToken).ConfigureAwait(false);
            await Task.WhenAll(cluster._replicas.Zip(
                cluster._primaries,
                (replica, primary) => ReplicateAsync(replica, primary, cancellationToken))).ConfigureAwait(false);
            await cluster.WaitUntilSoundAsync(cancellationToken).ConfigureAwait(false);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Which node serves a slot now.</summary>
    /// <param name="slot">The slot, 0 to 16383.</param>
    /// <returns>The primary.</returns>
    public async Task<RedisServer> OwnerOfAsync(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, SlotCount);
        var asked = Nodes.First(node => node.IsRunning);
        var ranges = (object?[])(await asked.ExecuteAsync("CLUSTER", "SLOTS").ConfigureAwait(false))!;
        var range = ranges.Cast<object?[]>().FirstOrDefault(range => (long)range[0]! <= slot && slot <= (long)range[1]!)
            ?? throw new InvalidOperationException($"No node serves slot {slot}.");
        var port = (long)((object?[])range[2]!)[1]!;
        return Nodes.First(node => node.Port == port);
    }

    /// <summary>The slot of a key.</summary>
    /// <param name="key">The key, hash tag included.</param>
    /// <returns>The slot, 0 to 16383.</returns>
    public async Task<int> SlotOfAsync(string key) =>
        (int)(long)(await Nodes.First(node => node.IsRunning).ExecuteAsync("CLUSTER", "KEYSLOT", key).ConfigureAwait(false))!;

    /// <summary>Moves a slot and its keys to another primary, as resharding does.</summary>
    /// <param name="slot">The slot, 0 to 16383.</param>
    /// <param name="target">The primary that gets it.</param>
    /// <param name="meanwhile">Runs when the keys have moved and the owner has not: the source answers ASK; null for nothing.</param>
    /// <returns>A task that ends when all primaries know the new owner.</returns>
    public async Task MigrateSlotAsync(int slot, RedisServer target, Func<Task>? meanwhile = null)
    {
        ArgumentNullException.ThrowIfNull(target);
        var source = await OwnerOfAsync(slot).ConfigureAwait(false);
        var number = Text(slot);
        var (sourceId, targetId) = (await IdAsync(source).ConfigureAwait(false), await IdAsync(target).ConfigureAwait(false));
        await target.ExecuteAsync("CLUSTER", "SETSLOT", number, "IMPORTING", sourceId).ConfigureAwait(false);
        await source.ExecuteAsync("CLUSTER", "SETSLOT", number, "MIGRATING", targetId).ConfigureAwait(false);
        while (await source.ExecuteAsync("CLUSTER", "GETKEYSINSLOT", number, "100").ConfigureAwait(false) is object?[] { Length: > 0 } keys)
        {
            string[] login = target.Password.Length == 0 ? [] : ["AUTH", target.Password];
            string[] migrate =
                ["MIGRATE", target.Host, Text(target.Port), "", "0", "5000", "REPLACE", .. login, "KEYS", .. keys.Cast<string>()];
            await source.ExecuteAsync(migrate).ConfigureAwait(false);
        }

        if (meanwhile is not null)
            await meanwhile().ConfigureAwait(false);
        foreach (var node in (RedisServer[])[target, source, .. _primaries.Where(
            node => node.IsRunning && node != target && node != source)])
        {
            await node.ExecuteAsync("CLUSTER", "SETSLOT", number, "NODE", targetId).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Makes a replica the primary of its slots. With its primary alive nothing is lost; with its primary dead it is forced.
    /// </summary>
    /// <param name="replica">The replica.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends when all running nodes know it as a primary and call the cluster sound.</returns>
    public async Task FailOverAsync(RedisServer replica, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(replica);
        if (!await SaysAsync(replica, "role:master", "INFO", "replication").ConfigureAwait(false))
        {
            var index = Array.IndexOf(_replicas, replica);
            var primaryRuns = index < 0 || _primaries[index].IsRunning;
            await replica.ExecuteAsync(primaryRuns ? ["CLUSTER", "FAILOVER"] : ["CLUSTER", "FAILOVER", "FORCE"]).ConfigureAwait(false);
        }

        var id = await IdAsync(replica).ConfigureAwait(false);
        foreach (var node in Nodes.Where(node => node.IsRunning))
            await UntilAsync(() => IsPrimaryForAsync(node, id), cancellationToken).ConfigureAwait(false);
        await WaitUntilSoundAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until each running node says that all slots are served.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends then.</returns>
    public async Task WaitUntilSoundAsync(CancellationToken cancellationToken = default)
    {
        foreach (var node in Nodes.Where(node => node.IsRunning))
            await UntilAsync(() => SaysAsync(node, "cluster_state:ok", "CLUSTER", "INFO"), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops all nodes and removes their folders.</summary>
    /// <returns>A task that ends when all are gone.</returns>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Nodes.Select(node => node.DisposeAsync().AsTask())).ConfigureAwait(false);
        foreach (var port in _busPorts)
            port.Dispose();
    }

    private static async Task<bool> IsPrimaryForAsync(RedisServer node, string id)
    {
        var nodes = (string)(await node.ExecuteAsync("CLUSTER", "NODES").ConfigureAwait(false))!;
        return nodes.Split('\n')
            .Any(line => line.StartsWith(id, StringComparison.Ordinal) && line.Contains("master", StringComparison.Ordinal));
    }
}
