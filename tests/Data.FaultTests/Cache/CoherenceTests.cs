using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Data.Cache;
using Data.TestServers;

namespace Data.FaultTests.Cache;

/// <summary>Several nodes, a link each, and a recorded history that no stale read may be part of.</summary>
/// <remarks>
/// A key's value is a version that only rises. An update raises the version at its source and tells the cache: by a removal of the key,
/// of its tag, by pattern, or by writing the new version. Once that is acknowledged and all links are back, no node may serve less.
/// While links are bent the same holds among the nodes whose links are sound, one hop later.
/// </remarks>
public sealed class CoherenceTests
{
    private const int Nodes = 3;
    private const int Keys = 6;
    private static readonly TimeSpan Hop = TimeSpan.FromSeconds(1);
    private readonly ConcurrentQueue<Event> _history = new();
    private readonly long[] _source = new long[Keys];
    private readonly SemaphoreSlim[] _writing = [.. Enumerable.Range(0, Keys).Select(static _ => new SemaphoreSlim(1))];

    private static int Rounds => 4 * Math.Max(
        1,
        int.TryParse(Environment.GetEnvironmentVariable("DATA_TEST_SCALE"), CultureInfo.InvariantCulture, out var scale) ? scale : 1);

    [Fact]
    public async Task History_LinksCutAndRestored_HoldsNoReadOlderThanAnAcknowledgedRemoval()
    {
        await using var redis = await RedisServer.StartAsync();
        var nodes = new CacheNode[Nodes];
        for (var i = 0; i < Nodes; i++)
            nodes[i] = await (await CacheNode.StartBehindProxyAsync(redis)).ConnectedAsync();
        try
        {
            var random = new Random(20_26);
            for (var round = 0; round < Rounds; round++)
                await RoundAsync(nodes, round, random);
        }
        finally
        {
            foreach (var node in nodes)
                await node.DisposeAsync();
        }

        _history.Count(static e => e.Kind == 'r').ShouldBeGreaterThan(100);
    }

    private async Task RoundAsync(CacheNode[] nodes, int round, Random random)
    {
        _history.Clear();
        var bent = random.Next(Nodes);
        using var stop = new CancellationTokenSource();
        var work = nodes.SelectMany((node, index) => new[]
        {
            ReadAsync(node.Cache, index, new Random((round * 100) + index), stop.Token),
            UpdateAsync(node.Cache, index, new Random((round * 100) + 50 + index), stop.Token),
        }).ToArray();
        await Task.Delay(200);
        await BendAsync(nodes[bent].Proxy, round % 4);
        await stop.CancelAsync();
        await Task.WhenAll(work);
        CheckSound(bent);

        await Until.TrueAsync(() => nodes.All(static node => node.IsSettled), "The nodes did not settle");
        await Task.Delay(Hop / 4);
        for (var key = 0; key < Keys; key++)
        {
            for (var node = 0; node < Nodes; node++)
            {
                var seen = await nodes[node].Cache
                    .GetOrCreateAsync(Name(key), _ => ValueTask.FromResult(Volatile.Read(ref _source[key])), tags: [Tag(key)]);
                seen.ShouldBeGreaterThanOrEqualTo(_source[key], $"round {round}, node {node}, bent {bent}, key {key}\n{History(key)}");
            }
        }
    }

    private static async Task BendAsync(FaultProxy proxy, int fault)
    {
        switch (fault)
        {
            case 0:
                proxy.RefuseNewConnections();
                proxy.ResetAll();
                await Task.Delay(1500);
                proxy.AcceptAgain();
                break;
            case 1:
                proxy.Freeze();
                await Task.Delay(2500);
                proxy.Resume();
                break;
            case 2:
                proxy.Blackhole();
                await Task.Delay(2500);
                proxy.Resume();
                break;
            default:
                for (var i = 0; i < 5; i++)
                {
                    proxy.ResetAll();
                    await Task.Delay(200);
                }

                break;
        }

        await Task.Delay(300);
    }

    private async Task ReadAsync(DataCache cache, int node, Random random, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var key = random.Next(Keys);
            var started = Stopwatch.GetTimestamp();
            var seen = await cache.GetOrCreateAsync(
                Name(key),
                async token =>
                {
                    var version = Volatile.Read(ref _source[key]);
                    await Task.Delay(random.Next(4), token);
                    return version;
                },
                tags: [Tag(key)],
                cancellationToken: CancellationToken.None);
            _history.Enqueue(new Event('r', node, key, seen, started, Stopwatch.GetTimestamp()));
            await Task.Delay(1, CancellationToken.None);
        }
    }

    private async Task UpdateAsync(DataCache cache, int node, Random random, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var key = random.Next(Keys);

            // Two writers of one key at the same time would have no order to check against.
            await _writing[key].WaitAsync(CancellationToken.None);
            try
            {
                var version = Interlocked.Increment(ref _source[key]);
                var started = Stopwatch.GetTimestamp();
                var way = random.Next(8);
                if (way == 0)
                    await cache.RemoveByPatternAsync(KeyPattern.Prefix(Name(key)), cancellationToken: CancellationToken.None);
                else if (way < 3)
                    await cache.RemoveByTagAsync(Tag(key), CancellationToken.None);
                else if (way < 5)
                    await cache.SetAsync(Name(key), version, tags: [Tag(key)], cancellationToken: CancellationToken.None);
                else
                    await cache.RemoveAsync(Name(key), CancellationToken.None);
                _history.Enqueue(new Event("ptttssdd"[way], node, key, version, started, Stopwatch.GetTimestamp()));
            }
            finally
            {
                _writing[key].Release();
            }

            await Task.Delay(random.Next(10, 40), CancellationToken.None);
        }
    }

    /// <summary>Nodes with sound links owe each other every removal after one hop, whatever happens to the third.</summary>
    private void CheckSound(int bent)
    {
        var acknowledged = _history.Where(e => e.Kind != 'r' && e.Node != bent).ToArray();
        foreach (var read in _history.Where(e => e.Kind == 'r' && e.Node != bent))
        {
            var owed = acknowledged.Where(e => e.Key == read.Key && e.Ended + (long)(Hop.TotalSeconds * Stopwatch.Frequency) < read.Started)
                .Select(static e => e.Version)
                .DefaultIfEmpty()
                .Max();
            read.Version.ShouldBeGreaterThanOrEqualTo(owed, $"{read}\n{History(read.Key)}");
        }
    }

    private string History(int key) => string.Join('\n', _history.Where(e => e.Key == key).OrderBy(static e => e.Started).TakeLast(60));

    private static string Name(int key) => $"key{key}";

    private static string Tag(int key) => $"tag{key}";

    private sealed record Event(char Kind, int Node, int Key, long Version, long Started, long Ended);
}
