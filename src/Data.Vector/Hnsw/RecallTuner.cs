using Data.Vector.Indexing;

namespace Data.Vector.Hnsw;

/// <summary>Finds the smallest EfSearch for a target recall by comparing searches with exact ones on a sample.</summary>
internal static class RecallTuner
{
    private const int MinEf = 8, MaxEf = 4096;

    /// <summary>
    /// Measures with vectors of the index, each moved by the difference of two near it: a stored vector itself is easier to find than a
    /// query.
    /// </summary>
    /// <param name="index">The index; others may go on using it.</param>
    /// <param name="tuning">The target, and how to measure.</param>
    /// <param name="parallelism">Threads for the exact searches.</param>
    /// <param name="progress">Receives each point of the curve as it is measured.</param>
    /// <param name="cancellation">Cancels the measurement.</param>
    public static RecallReport Tune(
        VectorIndex index,
        RecallTuning tuning,
        int parallelism = 1,
        IProgress<RecallPoint>? progress = null,
        CancellationToken cancellation = default)
    {
        var queries = Sample(index, tuning.SampleSize, new Random(tuning.Seed));
        var exact = Exact(index, queries, tuning.Top, parallelism, cancellation);
        return Find(tuning.Top, tuning.TargetRecall, ef =>
        {
            cancellation.ThrowIfCancellationRequested();
            var recall = Measure(index, queries, exact, tuning.Top, ef);
            progress?.Report(new RecallPoint(ef, recall));
            return recall;
        });
    }

    /// <summary>Measures the recall of the nearest ten at one EfSearch, on one thread.</summary>
    public static double Measure(VectorIndex index, int samples, int efSearch, int seed, CancellationToken cancellation)
    {
        const int top = 10;
        var queries = Sample(index, samples, new Random(seed));
        return Measure(index, queries, Exact(index, queries, top, 1, cancellation), top, efSearch);
    }

    /// <summary>Doubles the pool until the recall is reached, then halves the gap to the largest that did not reach it.</summary>
    internal static RecallReport Find(int k, double target, Func<int, double> measure)
    {
        var curve = new SortedDictionary<int, double>();
        int low = Math.Max(k, MinEf) - 1, high = low + 1;
        while ((curve[high] = measure(high)) < target)
        {
            if (high >= MaxEf)
                return Report(high, reached: false, curve);
            low = high;
            high = Math.Min(MaxEf, high * 2);
        }

        // The sample does not resolve differences below a sixteenth.
        while (high - low > Math.Max(1, high / 16))
        {
            var middle = (low + high) / 2;
            if ((curve[middle] = measure(middle)) >= target)
                high = middle;
            else
                low = middle;
        }

        return Report(high, reached: true, curve);
    }

    private static RecallReport Report(int ef, bool reached, SortedDictionary<int, double> curve) =>
        new(ef, curve[ef], reached, [.. curve.Select(p => new RecallPoint(p.Key, p.Value))]);

    private static Neighbor[][] Exact(
        VectorIndex index, List<float[]> queries, int top, int parallelism, CancellationToken cancellation)
    {
        var exact = new Neighbor[queries.Count][];
        Parallel.For(0, exact.Length, new ParallelOptions { MaxDegreeOfParallelism = parallelism, CancellationToken = cancellation }, i =>
        {
            var nearest = new Neighbor[top];
            exact[i] = nearest[..index.ScanExact(queries[i], nearest)];
        });
        return exact;
    }

    private static List<float[]> Sample(VectorIndex index, int samples, Random random)
    {
        using var pin = index.Pin();
        var queries = new List<float[]>(samples);
        var limit = index.SlotLimit;
        for (var tries = 0; queries.Count < samples && tries < samples * 20 && limit > 0; tries++)
        {
            var slot = random.Next(limit);
            if (!index.Contains(slot))
                continue;
            var query = index.GetVector(slot).ToArray();
            var near = new Neighbor[8];
            var count = index.Search(query, near.Length * 4, near);
            if (count == 0)
                continue;
            var from = index.GetVector(near[count / 2].Slot);
            var to = index.GetVector(near[count - 1].Slot);
            for (var d = 0; d < query.Length; d++)
                query[d] += to[d] - from[d];
            queries.Add(query);
        }

        return queries;
    }

    private static double Measure(VectorIndex index, List<float[]> queries, Neighbor[][] exact, int k, int ef)
    {
        var found = new Neighbor[k];
        long hits = 0, wanted = 0;
        for (var i = 0; i < queries.Count; i++)
        {
            var count = index.Search(queries[i], ef, found);
            wanted += exact[i].Length;
            for (var j = 0; j < count && exact[i].Length > 0; j++)
            {
                // By distance: equally near results are interchangeable.
                if (found[j].Distance <= exact[i][^1].Distance)
                    hits++;
            }
        }

        return wanted == 0 ? 1 : Math.Min(1, (double)hits / wanted);
    }
}
