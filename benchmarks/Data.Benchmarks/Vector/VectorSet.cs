using System.Runtime.InteropServices;
using Data.Vector;
using Data.Vector.Indexing;

namespace Data.Benchmarks.Vector;

/// <summary>Vectors, queries, the true neighbours of each query, and the same on disk for peers.</summary>
internal sealed class VectorSet : IDisposable
{
    public const int Dimension = 128, K = 10, QueryCount = 1_000, Seed = 42;

    private static VectorSet? s_last;

    private readonly string _folder = Directory.CreateTempSubdirectory("vector-bench").FullName;
    private readonly HashSet<int>[] _truth;

    private VectorSet(string kind, int count, DistanceMetric metric)
    {
        Name = $"{kind}-{(count % 1_000_000 == 0 ? $"{count / 1_000_000}m" : $"{count / 1_000}k")} {metric}";
        Count = count;
        Metric = metric;
        var data = new VectorData(kind, Dimension, Seed);
        Base = data.Base(count);
        Queries = data.Queries(QueryCount);
        _truth = Truth();
        BaseFile = Write("base.f32", Base);
        QueryFile = Write("queries.f32", Queries);
    }

    public string Name { get; }

    public int Count { get; }

    public DistanceMetric Metric { get; }

    public float[] Base { get; }

    public float[] Queries { get; }

    public string BaseFile { get; }

    public string QueryFile { get; }

    /// <summary>The set, kept for the next that wants the same: truth takes long.</summary>
    public static VectorSet Get(string kind, int count, DistanceMetric metric)
    {
        if (s_last is { } last && last.Count == count && last.Metric == metric && last.Name.StartsWith(kind, StringComparison.Ordinal)) return last;
        s_last?.Dispose();
        return s_last = new VectorSet(kind, count, metric);
    }

    public ReadOnlySpan<float> Query(int i) => Queries.AsSpan(i * Dimension, Dimension);

    /// <summary>The share of true neighbours among rows, <see cref="K"/> a query; -1 for none.</summary>
    public double Recall(ReadOnlySpan<int> rows)
    {
        var hits = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            if (_truth[i / K].Contains(rows[i])) hits++;
        }

        return (double)hits / rows.Length;
    }

    public string File(string name) => Path.Combine(_folder, name);

    public void Dispose()
    {
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    private HashSet<int>[] Truth()
    {
        using var flat = new FlatIndex(Dimension, Metric, Count);
        flat.AddRange(Base, new int[Count], parallelism: 1);
        var found = new Neighbor[QueryCount * K];
        flat.SearchBatch(Queries, K, 0, found, new int[QueryCount], Environment.ProcessorCount);
        return [.. found.Chunk(K).Select(nearest => nearest.Select(n => n.Slot).ToHashSet())];
    }

    // Peers have no cosine: the inner product of normalised vectors serves.
    private string Write(string name, float[] rows)
    {
        var path = File(name);
        using var file = System.IO.File.Create(path);
        var row = new float[Dimension];
        for (var i = 0; i < rows.Length; i += Dimension)
        {
            rows.AsSpan(i, Dimension).CopyTo(row);
            if (Metric == DistanceMetric.Cosine)
            {
                var length = Math.Sqrt(row.Sum(x => (double)x * x));
                for (var d = 0; d < Dimension; d++) row[d] = (float)(row[d] / length);
            }

            file.Write(MemoryMarshal.AsBytes(row.AsSpan()));
        }

        return path;
    }
}
