using System.Collections.Concurrent;
using System.Diagnostics;
using Data.Cache;

namespace Data.FaultTests.Cache;

/// <summary>Readers and updaters on several nodes, and a record of what each did and saw.</summary>
/// <remarks>
/// A key's value is a version that only rises. An update raises the version at its source and tells the cache: by a removal of the key,
/// of its tag, by pattern, or by writing the new version. Once that is acknowledged, a read that starts later owes at least that version.
/// </remarks>
internal sealed class CheckedHistory(int keys)
{
    private readonly ConcurrentQueue<Event> _history = new();
    private readonly long[] _source = new long[keys];
    private readonly SemaphoreSlim[] _writing = [.. Enumerable.Range(0, keys).Select(static _ => new SemaphoreSlim(1))];

    public int Reads => _history.Count(static e => e.Kind == 'r');

    public void Clear() => _history.Clear();

    /// <summary>Reads and updates on each node until it is told to stop.</summary>
    public Task RunAsync(CacheNode[] nodes, int seed, CancellationToken stop) => Task.WhenAll(nodes.SelectMany((node, index) => new[]
    {
        ReadAsync(node.Cache, index, new Random(seed + index), stop),
        UpdateAsync(node.Cache, index, new Random(seed + 50 + index), stop),
    }));

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
                    .GetOrCreateAsync(Name(key), _ => ValueTask.FromResult(Volatile.Read(ref _source[key])), tags: [Tag(key)]);
                seen.ShouldBeGreaterThanOrEqualTo(_source[key], $"{what}, node {node}, key {key}\n{History(key)}");
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
            var key = random.Next(keys);

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

    private string History(int key) => string.Join('\n', _history.Where(e => e.Key == key).OrderBy(static e => e.Started).TakeLast(60));

    private static string Name(int key) => $"key{key}";

    private static string Tag(int key) => $"tag{key}";

    private sealed record Event(char Kind, int Node, int Key, long Version, long Started, long Ended);
}
