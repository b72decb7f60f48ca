using System.Globalization;
using Data.Benchmarks.Runner;
using Data.Cache;

namespace Data.Benchmarks.Cache;

/// <summary>
/// Hit ratio of the local level over traces and sizes, between LRU and Belady's bound. TRACES names a folder of reference strings; without
/// it the traces are generated.
/// </summary>
internal sealed class TraceBenchmark : IBenchmark
{
    private const int Seed = 7;
    private static readonly double[] Shares = [0.01, 0.05, 0.1, 0.25, 0.5];

    public string Area => "cache";

    public string Name => "traces";

    public bool Quick => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        var probe = DataCacheFactory.Create(new DataCacheOptions());
        await probe.SetAsync(NameOf(0), 1L);
        var entryBytes = probe.GetStatistics().LocalBytes;
        var rows = new List<TraceRow>();
        var folder = Environment.GetEnvironmentVariable("TRACES");
        foreach (var (name, keys) in folder is null ? Traces.Generate(Seed) : Traces.Read(folder))
        {
            var distinct = keys.Distinct().Count();
            foreach (var share in run.Quick ? Shares.Where(static share => share is 0.01 or 0.1 or 0.5) : Shares)
            {
                run.Cancellation.ThrowIfCancellationRequested();
                var room = Math.Max(4, (int)(distinct * share));
                var row = new TraceRow(
                    name,
                    room,
                    ReferencePolicies.Lru(keys, room),
                    await OursAsync(keys, entryBytes * room),
                    ReferencePolicies.Belady(keys, room));
                rows.Add(row);
                run.Note(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name}, room for {room:N0} of {distinct:N0}: LRU {row.Lru:P2}, ours {row.Ours:P2}, bound {row.Bound:P2}"));
            }
        }

        var lru = rows.Average(static row => row.Lru);
        var way = (rows.Average(static row => row.Ours) - lru) / (rows.Average(static row => row.Bound) - lru);
        var worst = rows.Min(static row => row.Ours - row.Lru);
        run.Record("Hit ratio over LRU, worst trace and size", "points", worst * 100, -0.5, Direction.Min);
        run.Record("Mean hit ratio, share of the way from LRU to Belady's bound", "share", way, 1 / 3d, Direction.Min);
        if (folder is not null)
            await TracePlot.WriteAsync(rows, run.Cancellation);
    }

    private static async Task<double> OursAsync(int[] keys, long limit)
    {
        var cache = DataCacheFactory.Create(new DataCacheOptions { LocalSizeLimitBytes = limit });
        foreach (var key in keys)
            await cache.GetOrCreateAsync(NameOf(key), 1L, static (value, _) => new ValueTask<long>(value));
        return 1 - (cache.GetStatistics().FactoryRuns / (double)keys.Length);
    }

    // Every name has the same length and every value the same size, so that room in bytes is room in entries.
    private static string NameOf(int key) => string.Create(CultureInfo.InvariantCulture, $"key:{key:D10}");
}

/// <summary>Hit ratios of one trace at one size.</summary>
internal sealed record TraceRow(string Trace, int Room, double Lru, double Ours, double Bound);
