using System.Diagnostics;
using Data.Vector;
using Data.Vector.Hnsw;
using Data.Vector.Indexing;

namespace Data.Benchmarks.Vector;

/// <summary>The package's own graph.</summary>
internal sealed class OwnEngine : Contender
{
    private readonly int[] _rowOf;
    private readonly QuantizationMode _mode;

    public OwnEngine(VectorSet set, QuantizationMode mode = QuantizationMode.Codes, int threads = 2)
        : base(set)
    {
        _mode = mode;
        Index = new HnswIndex(new HnswParameters
        {
            Dimension = VectorSet.Dimension,
            Metric = set.Metric,
            Capacity = set.Count,
            Quantization = mode,
            Seed = VectorSet.Seed,
        });
        Slots = new int[set.Count];
        var start = Stopwatch.GetTimestamp();
        Index.AddRange(set.Base, Slots, threads);
        BuildSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        _rowOf = new int[set.Count];
        for (var row = 0; row < Slots.Length; row++) _rowOf[Slots[row]] = row;
    }

    public HnswIndex Index { get; }

    /// <summary>Where each row went.</summary>
    public int[] Slots { get; }

    public override string Name => _mode == QuantizationMode.Codes ? "Data.Vector" : "Data.Vector, floats only";

    public override double Run(int efSearch, Span<int> rows)
    {
        Span<Neighbor> found = stackalloc Neighbor[VectorSet.K];
        var start = ThreadClock.Seconds;
        for (var i = 0; i < VectorSet.QueryCount; i++)
        {
            var count = Index.Search(Set.Query(i), efSearch, found);
            if (rows.IsEmpty) continue;
            for (var j = 0; j < VectorSet.K; j++) rows[(i * VectorSet.K) + j] = j < count ? _rowOf[found[j].Slot] : -1;
        }

        return ThreadClock.Seconds - start;
    }

    public override void Dispose() => Index.Dispose();
}
