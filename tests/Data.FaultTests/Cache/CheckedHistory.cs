using System.Collections.Concurrent;
using System.Diagnostics;
using Data.Cache;

namespace Data.FaultTests.Cache;

/// <summary>Readers and updaters on several nodes, and a record of what each did and saw.</summary>
/// <remarks>
/// A key's value is a version that only rises. An update raises the version at its source and tells the cache: by a removal of the key,
/// of its tag, by pattern, or by writing the new version. Once that is acknowledged, a read that starts later owes at least that version.
/// </remarks>
/// <param name="keys">How many keys there are.</param>
/// <param name="source">Where the versions come from; null for a source of this process.</param>
internal sealed class CheckedHistory(int keys, IVersions? source = null)
{
    private readonly ConcurrentQueue<HistoryEvent> _history = new();
    private readonly IVersions _source = source ?? new LocalVersions(keys);
    private readonly SemaphoreSlim[] _writing = [.. Enumerable.Range(0, keys).Select(static _ => new SemaphoreSlim(1))];

    public int Reads => _history.Count(static e => e.Kind == 'r');

    public void Clear() => _history.Clear();

    /// <summary>What was done and seen, in no order.</summary>
    public IEnumerable<HistoryEvent> Events => _history;

    /// <summary>Adds what another process did and saw.</summary>
    public void Add(HistoryEvent seen) => _history.Enqueue(seen);

    /// <summary>Reads and updates on each node until it is told to stop.</summary>
    public Task RunAsync(CacheNode[] nodes, int seed, CancellationToken stop) => Task.WhenAll(nodes.SelectMany((node, index) => new[]
    {
        ReadAsync(node.Cache, index, new Random(seed + index), stop),
        UpdateAsync(node.Cache, index, [.. Enumerable.Range(0, keys)], new Random(seed + 50 + index), stop),
    }));

    /// <summary>
    /// Does the same on one of several nodes, each in a process of its own, which updates only its share of the keys: two writers of one
    /// key at the same time would have no order to check against.
    /// </summary>
    public Task RunShareAsync(CacheNode node, int index, int of, CancellationToken stop) => Task.WhenAll(
        ReadAsync(node.Cache, index, new Random(index), stop),
        UpdateAsync(node.Cache, index, [.. Enumerable.Range(0, keys).Where(key => key % of == index)], new Random(50 + index), stop));

    /// <summary>No read of these nodes is older than an update that one of them had acknowledged so long before.</summary>
    public void Check(Func<int, bool> nodes, TimeSpan grace, long since = 0)
    {
        var acknowledged = _history.Where(e => e.Kind != 'r' && nodes(e.Node)).ToArray();
        foreach (var read in _history.Where(e => e.Kind == 'r' && nodes(e.Node) && e.Started >= since))
        {
            var owed = acknowledged
                .Where(e => e.Key == read.Key && e.Ended + (long)(grace.TotalSeconds * Stopwatch.Frequency) < read.Started)
                .Select(static e => e.Version)
                .DefaultIfEmpty()
                .Max();
            read.Version.ShouldBeGreaterThanOrEqualTo(owed, $"{read}\n{History(read.Key)}");
        }
    }

    /// <summary>Every node serves the newest version of each key.</summary>
    public async Task CheckNowAsync(CacheNode[] nodes, string what)
    {
        for (var key = 0; key < keys; key++)
        {
            for (var node = 0; node < nodes.Length; node++)
            {
                var seen = await nodes[node].Cache
                    .GetOrCreateAsync(Name(key), async _ => await _source.ReadAsync(key), tags: [Tag(key)]);
                seen.ShouldBeGreaterThanOrEqualTo(await _source.ReadAsync(key), $"{what}, node {node}, key {key}\n{History(key)}");
            }
        }
    }

    private async Task ReadAsync(DataCache cache, int node, Random random, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var key = random.Next(keys);
            var started = Stopwatch.GetTimestamp();
            var seen = await cache.GetOrCreateAsync(
                Name(key),
                async token =>
                {
                    var version = await _source.ReadAsync(key);
                    await Task.Delay(random.Next(4), token);
                    return version;
                },
                tags: [Tag(key)],
                cancellationToken: CancellationToken.None);
            _history.Enqueue(new HistoryEvent('r', node, key, seen, started, Stopwatch.GetTimestamp()));
            await Task.Delay(1, CancellationToken.None);
        }
    }

    private async Task UpdateAsync(DataCache cache, int node, int[] own, Random random, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var key = own[random.Next(own.Length)];

            // Two writers of one key at the same time would have no order to check against.
            await _writing[key].WaitAsync(CancellationToken.None);
            try
            {
                var version = await _source.RaiseAsync(key);
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
                _history.Enqueue(new HistoryEvent("ptttssdd"[way], node, key, version, started, Stopwatch.GetTimestamp()));
            }
            finally
            {
                _writing[key].Release();
            }

            await Task.Delay(random.Next(10, 40), CancellationToken.None);
        }
    }

    private string History(int key) => string.Join('\n', _history.Where(e => e.Key == key).OrderBy(static e => e.Started).TakeLast(60));

    private static string Name(int key) => $"key{key}";

    private static string Tag(int key) => $"tag{key}";
}

/// <summary>What one node did or saw.</summary>
/// <param name="Kind">r for a read, s for a write, d, t and p for a removal of the key, by tag and by pattern.</param>
/// <param name="Node">The node.</param>
/// <param name="Key">The key.</param>
/// <param name="Version">The version that was seen, or told of.</param>
/// <param name="Started">When it began, on the machine's timer.</param>
/// <param name="Ended">When it was answered.</param>
internal sealed record HistoryEvent(char Kind, int Node, int Key, long Version, long Started, long Ended);
