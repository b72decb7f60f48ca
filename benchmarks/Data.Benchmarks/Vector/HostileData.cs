namespace Data.Benchmarks.Vector;

/// <summary>
/// Data that break indexes with quantized vectors: scales that change by orders of magnitude, narrow cones, tight clusters, heavy tails,
/// ties. Rows come in the order in which they are added.
/// </summary>
internal sealed class HostileData
{
    /// <summary>The kinds of data, each with the distance under which it is hard.</summary>
    public static readonly IReadOnlyDictionary<string, string> Kinds = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["finer-later"] = "L2",
        ["coarser-later"] = "L2",
        ["scales-drifting"] = "L2",
        ["scales-mixed"] = "L2",
        ["cone-later"] = "Cosine",
        ["cone-only"] = "Cosine",
        ["clusters-tight"] = "InnerProduct",
        ["clusters-later"] = "L2",
        ["lengths-mixed"] = "InnerProduct",
        ["tails-heavy"] = "L2",
        ["tails-heavy-products"] = "InnerProduct",
        ["tails-heavy-angles"] = "Cosine",
        ["integers"] = "L2",
        ["binary"] = "L2",
        ["binary-angles"] = "Cosine",
        ["one-hot"] = "L2",
        ["one-hot-angles"] = "Cosine",
    };

    private readonly Random _random;
    private readonly string _kind;
    private readonly int _count;
    private readonly float[] _centres;

    /// <summary>Generates the rows and queries of a kind.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="queries">How many queries, most of them like the later rows.</param>
    /// <param name="dimension">Floats in a row, except where there are as many as a kind needs.</param>
    public HostileData(string kind, int count, int queries, int dimension)
    {
        _kind = kind;
        _count = count;
        _random = new Random(17);
        Dimension = kind.StartsWith("one-hot", StringComparison.Ordinal) ? count / 20 : dimension;
        var clusters = kind == "clusters-later" ? 8 : count / 100;
        _centres = [.. Enumerable.Range(0, clusters * Dimension).Select(_ => Normal())];
        Rows = [.. Enumerable.Range(0, count).SelectMany(row => Row((double)row / count))];
        Queries = [.. Enumerable.Range(0, queries).SelectMany(i => Row(i % 10 == 0 ? 0.25 : 0.75))];
    }

    public int Dimension { get; }

    public float[] Rows { get; }

    public float[] Queries { get; }

    private float[] Row(double progress)
    {
        var late = progress >= 0.45;
        return _kind switch
        {
            "finer-later" => Normals(late ? 1e-3f : 1),
            "coarser-later" => Normals(late ? 1 : 1e-3f),
            "scales-drifting" => Normals(MathF.Pow(10, (float)(-4 * progress))),
            "scales-mixed" => Normals(MathF.Pow(10, _random.Next(4) - 3)),
            "cone-later" => Around(late ? 0 : -1, late ? 0.01f : 1),
            "cone-only" => Around(0, 0.01f),
            "clusters-tight" => Around(Cluster(), 0.01f),
            "clusters-later" => Around(late ? Cluster() : -1, late ? 1e-3f : 1),
            "lengths-mixed" => Normals(MathF.Exp(2 * Normal())),
            "tails-heavy" or "tails-heavy-products" or "tails-heavy-angles" => [.. Normals(1).Select(x => x / MathF.Abs(Normal() + 1e-3f))],
            "integers" => [.. Normals(1).Select(x => MathF.Round(x * 2))],
            "binary" => [.. Normals(1).Select(x => x > 0 ? 1f : 0f)],
            "binary-angles" => [.. Normals(1).Select(x => x > 0 ? 1f : -1f)],
            _ => OneHot(),
        };
    }

    private int Cluster() => _random.Next(_centres.Length / Dimension);

    private float[] Around(int cluster, float size)
    {
        var row = Normals(size);
        for (var d = 0; d < row.Length && cluster >= 0; d++)
            row[d] += _centres[(cluster * Dimension) + d];
        return row;
    }

    private float[] OneHot()
    {
        var row = new float[Dimension];
        row[_random.Next(Dimension)] = 1;
        return row;
    }

    private float[] Normals(float size)
    {
        var row = new float[Dimension];
        for (var d = 0; d < row.Length; d++)
            row[d] = Normal() * size;
        return row;
    }

    private float Normal()
    {
        var sum = 0d;
        for (var i = 0; i < 12; i++)
            sum += _random.NextDouble();
        return (float)(sum - 6);
    }
}
