using Data.Benchmarks.Runner;
using Data.TestServers;
using Direction = Data.Benchmarks.Runner.Direction;

namespace Data.Benchmarks.Cache.Peers;

/// <summary>
/// Local hit, hit in Redis, write, and a stampede of 200 callers in one process, beside the framework's HybridCache and FusionCache over
/// the same Redis in the same run.
/// </summary>
internal sealed class PeerSpeedBenchmark : IBenchmark
{
    private const int Keys = 512;
    private const int Callers = 200;
    private static readonly string Value = new('v', 128);

    public string Area => "cache";

    public string Name => "peers";

    public bool Quick => false;

    public async Task RunAsync(BenchmarkRun run)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var ours = await DataCachePeer.ConnectAsync(redis);
        await using var hybrid = HybridCachePeer.Connect(redis);
        await using var fusion = FusionCachePeer.Connect(redis);
        var keys = Enumerable.Range(0, Keys).Select(static i => $"provider_config:{i}").ToArray();
        foreach (var peer in new[] { ours, hybrid, fusion })
            await WarmAsync(peer, keys);

        foreach (var peer in new[] { hybrid, fusion })
        {
            await run.CompareAsync(
                $"L1 hit over {peer.Name}", "ns", 1, Direction.Max, () => LocalAsync(ours), () => LocalAsync(peer), rounds: 15);
            await PairAsync(run, $"L2 hit over {peer.Name}", 300, (cache, call) => cache.ReadRemoteAsync(keys[call % Keys]).AsTask(), peer);
            await PairAsync(run, $"Write over {peer.Name}", 300, (cache, call) => WriteAsync(cache, keys[call % Keys]), peer);
            await PairAsync(run, $"Stampede of {Callers} callers over {peer.Name}", 10, (cache, _) => StampedeAsync(cache), peer);
            run.Note(FormattableString.Invariant(
                $"{peer.Name}: L1 hit {await BytesAsync(peer):0} B, Data.Cache {await BytesAsync(ours):0} B"));
        }

        async Task PairAsync(BenchmarkRun run, string name, int calls, Func<ICachePeer, int, Task> call, ICachePeer peer)
        {
            var (measure, baseline) = PairedRounds.Of(calls, number => call(ours, number), number => call(peer, number));
            await run.CompareAsync(name, "ns", 1, Direction.Max, measure, baseline, run.Quick ? 9 : 31);
        }

        async Task<double> LocalAsync(ICachePeer peer)
        {
            const int passes = 200;
            return await BenchmarkRun.NanosecondsPerOperationAsync(Keys * passes, () => PassAsync(peer, keys, passes));
        }

        async Task<double> BytesAsync(ICachePeer peer) => await PairedRounds.BytesPerCallAsync(20, _ => PassAsync(peer, keys, 1)) / Keys;
    }

    private static async Task WarmAsync(ICachePeer peer, string[] keys)
    {
        foreach (var key in keys)
            await peer.SetAsync(key, Value);

        // Past the tiers of compilation.
        await PassAsync(peer, keys, 400);
        for (var call = 0; call < 4000; call++)
        {
            await peer.ReadRemoteAsync(keys[call % Keys]);
            await WriteAsync(peer, keys[call % Keys]);
        }

        for (var call = 0; call < 50; call++)
            await StampedeAsync(peer);
    }

    private static async Task PassAsync(ICachePeer peer, string[] keys, int passes)
    {
        for (var pass = 0; pass < passes; pass++)
        {
            foreach (var key in keys)
            {
                var read = peer.ReadAsync(key);
                var value = read.IsCompletedSuccessfully ? read.Result : await read;
                if (value.Length != Value.Length)
                    throw new InvalidOperationException("Not a hit.");
            }
        }
    }

    private static Task WriteAsync(ICachePeer peer, string key) => peer.SetAsync(key, Value).AsTask();

    /// <summary>Everybody asks for a key that nobody has asked for, whose factory takes a turn of the thread pool.</summary>
    private static async Task StampedeAsync(ICachePeer peer)
    {
        var key = Guid.NewGuid().ToString("N");
        var runs = 0;
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => peer.GetOrCreateAsync(key, async _ =>
        {
            Interlocked.Increment(ref runs);
            await Task.Yield();
            return Value;
        }).AsTask()));
        if (runs != 1)
            throw new InvalidOperationException($"{peer.Name} ran the factory {runs} times.");
    }
}
