using Data.Benchmarks.Runner;
using Direction = Data.Benchmarks.Runner.Direction;

namespace Data.Benchmarks.Cache.Peers;

/// <summary>Hit ratio of the local levels with the same room over the same requests: Zipf 0.99 with scans between.</summary>
internal sealed class PeerHitRatioBenchmark : IBenchmark
{
    private const int Room = HitRatioBenchmark.Keys / 10;
    private const string Value = "value-of-16-char";

    public string Area => "cache";

    public string Name => "peers-hit-ratio";

    public bool Quick => false;

    public async Task RunAsync(BenchmarkRun run)
    {
        var trace = HitRatioBenchmark.Trace(600_000);
        var names = trace.Distinct().ToDictionary(static key => key, static key => $"key:{key:D8}");
        var ratios = new List<double>();
        foreach (var peer in new[]
        {
            await DataCachePeer.WithRoomAsync(Room, names[trace[0]], Value),
            HybridCachePeer.WithRoom(Room, Value),
            FusionCachePeer.WithRoom(Room),
        })
        {
            var misses = 0;
            foreach (var key in trace)
            {
                await peer.GetOrCreateAsync(names[key], _ =>
                {
                    misses++;
                    return new ValueTask<string>(Value);
                });
            }

            ratios.Add(1 - (misses / (double)trace.Length));
            run.Note(FormattableString.Invariant($"{peer.Name}: {ratios[^1]:P2} of {trace.Length:N0} requests"));
            await peer.DisposeAsync();
        }

        run.Record(
            "Hit ratio over the better of HybridCache and FusionCache",
            "points",
            (ratios[0] - ratios.Skip(1).Max()) * 100,
            0,
            Direction.Min);
    }
}
