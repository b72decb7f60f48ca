using System.Globalization;
using System.Runtime.InteropServices;
using Data.Vector;
using Data.Vector.Indexing;

namespace Data.Benchmarks.Vector;

/// <summary>
/// Vectors, queries, the true neighbours of each query, and files of them for peers. Truth and files are kept under artifacts/vector for
/// the next run: they depend on the generator only.
/// </summary>
internal sealed class VectorSet
{
    public const int K = 10, QueryCount = 1_000, Seed = 42, UsualDimension = 128;

    private static VectorSet? _last;

    private readonly string _folder;
    private readonly HashSet<int>[] _truth;

    private VectorSet(string kind, int count, DistanceMetric metric, int dimension)
    {
        Name = NameOf(kind, count, metric, dimension);
        Count = count;
        Metric = metric;
        Dimension = dimension;
        _folder = Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts", "vector", Name.Replace(' ', '-').ToLowerInvariant()))
            .FullName;
        var data = new VectorData(kind, dimension, Seed);
        Base = data.Base(count);
        Queries = data.Queries(QueryCount);
        var truth = MemoryMarshal.Cast<byte, int>(
            System.IO.File.ReadAllBytes(Kept("truth.i32", file => file.Write(MemoryMarshal.AsBytes(Truth())))));
        _truth = [.. truth.ToArray().Chunk(K).Select(nearest => nearest.ToHashSet())];
        BaseFile = Kept("base.f32", file => Write(file, Base));
        QueryFile = Kept("queries.f32", file => Write(file, Queries));
    }

    public string Name { get; }

    public int Count { get; }

    public int Dimension { get; }

    public DistanceMetric Metric { get; }

    public float[] Base { get; }

    public float[] Queries { get; }

    public string BaseFile { get; }

    public string QueryFile { get; }

    /// <summary>Returns a set, and keeps it for the next call with the same arguments.</summary>
    public static VectorSet Get(string kind, int count, DistanceMetric metric, int dimension = UsualDimension) =>
        _last?.Name == NameOf(kind, count, metric, dimension) ? _last : _last = new VectorSet(kind, count, metric, dimension);

    public ReadOnlySpan<float> Query(int i) => Queries.AsSpan(i * Dimension, Dimension);

    /// <summary>Returns the share of true neighbours among rows, <see cref="K"/> per query; -1 for none.</summary>
    public double Recall(ReadOnlySpan<int> rows)
    {
        var hits = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            if (_truth[i / K].Contains(rows[i]))
                hits++;
        }

        return (double)hits / rows.Length;
    }

    /// <summary>Returns the path of a file in the folder of the set.</summary>
    public string File(string name) => Path.Combine(_folder, name);

    private static string NameOf(string kind, int count, DistanceMetric metric, int dimension)
    {
        var rows = count % 1_000_000 == 0 ? $"{count / 1_000_000}m" : $"{count / 1_000}k";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{kind}-{rows}{(dimension == UsualDimension ? "" : $" x {dimension}")} {metric}");
    }

    // Written to a temporary file and moved: an aborted run leaves no partial file.
    private string Kept(string name, Action<FileStream> write)
    {
        var path = File(name);
        if (System.IO.File.Exists(path))
            return path;
        using (var file = System.IO.File.Create(path + ".part"))
            write(file);
        System.IO.File.Move(path + ".part", path);
        return path;
    }

    private int[] Truth()
    {
        using var flat = new FlatIndex(Dimension, Metric, Count);
        flat.AddRange(Base, new int[Count], parallelism: 1);
        var found = new Neighbor[QueryCount * K];
        flat.SearchBatch(Queries, K, 0, found, new int[QueryCount], Environment.ProcessorCount);
        return [.. found.Select(n => n.Slot)];
    }

    // Peers have no cosine; the inner product of normalized vectors replaces it.
    private void Write(FileStream file, float[] rows)
    {
        var row = new float[Dimension];
        for (var i = 0; i < rows.Length; i += Dimension)
        {
            rows.AsSpan(i, Dimension).CopyTo(row);
            if (Metric == DistanceMetric.Cosine)
            {
                var length = Math.Sqrt(row.Sum(x => (double)x * x));
                for (var d = 0; d < Dimension; d++)
                    row[d] = (float)(row[d] / length);
            }

            file.Write(MemoryMarshal.AsBytes(row.AsSpan()));
        }
    }
}
