using System.Diagnostics;
using System.Runtime.InteropServices;
using Data.Vector;
using Data.Vector.Hnsw;
using Data.Vector.Indexing;

namespace Data.Benchmarks.Vector;

/// <summary>The graph of Data.Vector.</summary>
internal sealed class OwnEngine : Contender
{
    private readonly int[] _rowOf;

    /// <summary>Builds the graph on two threads.</summary>
    public OwnEngine(VectorSet set, QuantizationMode mode = QuantizationMode.Codes)
        : base(set)
    {
        Index = new HnswIndex(new HnswParameters
        {
            Dimension = set.Dimension,
            Metric = set.Metric,
            Capacity = set.Count,
            Quantization = mode,
            Seed = VectorSet.Seed,
        });
        Slots = new int[set.Count];
        var start = Stopwatch.GetTimestamp();
        var processor = Environment.CpuUsage.TotalTime;
        Index.AddRange(set.Base, Slots, parallelism: 2);
        BuildSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        BuildProcessorSeconds = (Environment.CpuUsage.TotalTime - processor).TotalSeconds;
        _rowOf = RowOf(Slots);
    }

    private OwnEngine(VectorSet set, HnswIndex index, int[] slots)
        : base(set)
    {
        Index = index;
        Slots = slots;
        _rowOf = RowOf(slots);
    }

    public HnswIndex Index { get; }

    /// <summary>The slot of each row.</summary>
    public int[] Slots { get; }

    public override string Name => Index.Parameters.Quantization == QuantizationMode.Codes ? "Data.Vector" : "Data.Vector, floats only";

    /// <summary>Opens what <see cref="Keep"/> wrote; returns null unless the same build of the package wrote it.</summary>
    public static OwnEngine? TryOpen(VectorSet set)
    {
        if (!File.Exists(SlotFile(set)))
            return null;
        return new OwnEngine(
            set,
            HnswIndex.Open(SnapshotFile(set)),
            MemoryMarshal.Cast<byte, int>(File.ReadAllBytes(SlotFile(set))).ToArray());
    }

    /// <summary>Returns the file that <see cref="Keep"/> writes.</summary>
    // Another build of the package may make a different graph, so the name contains the build.
    public static string SnapshotFile(VectorSet set) => set.File($"own-{typeof(HnswIndex).Module.ModuleVersionId:N}.snapshot");

    /// <summary>Writes the graph beside the set.</summary>
    public void Keep()
    {
        foreach (var old in Directory.GetFiles(Path.GetDirectoryName(SlotFile(Set))!, "own-*"))
            File.Delete(old);
        using (var snapshot = Index.BeginSnapshot())
            snapshot.WriteTo(SnapshotFile(Set));
        File.WriteAllBytes(SlotFile(Set), MemoryMarshal.AsBytes(Slots.AsSpan()).ToArray());
    }

    public override double Run(int efSearch, Span<int> rows)
    {
        Span<Neighbor> found = stackalloc Neighbor[VectorSet.K];
        var start = ThreadClock.Seconds;
        for (var i = 0; i < VectorSet.QueryCount; i++)
        {
            var count = Index.Search(Set.Query(i), efSearch, found);
            if (rows.IsEmpty)
                continue;
            for (var j = 0; j < VectorSet.K; j++)
                rows[(i * VectorSet.K) + j] = j < count ? _rowOf[found[j].Slot] : -1;
        }

        return ThreadClock.Seconds - start;
    }

    /// <summary>Returns median and p99 of single searches in microseconds of processor time, reading the clock included.</summary>
    public (double Median, double High) Percentiles(int efSearch)
    {
        const int rounds = 5;
        var times = new double[rounds * VectorSet.QueryCount];
        Span<Neighbor> found = stackalloc Neighbor[VectorSet.K];
        for (var i = 0; i < times.Length; i++)
        {
            var start = ThreadClock.Seconds;
            Index.Search(Set.Query(i % VectorSet.QueryCount), efSearch, found);
            times[i] = (ThreadClock.Seconds - start) * 1e6;
        }

        Array.Sort(times);
        return (times[times.Length / 2], times[times.Length * 99 / 100]);
    }

    public override void Dispose() => Index.Dispose();

    private static string SlotFile(VectorSet set) => Path.ChangeExtension(SnapshotFile(set), "slots");

    private static int[] RowOf(int[] slots)
    {
        var rows = new int[slots.Length];
        for (var row = 0; row < slots.Length; row++)
            rows[slots[row]] = row;
        return rows;
    }
}
