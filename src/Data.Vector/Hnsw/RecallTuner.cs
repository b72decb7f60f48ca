using Data.Vector.Indexing;

namespace Data.Vector.Hnsw;

/// <summary>One point of a recall curve: what share of the true nearest neighbours a search with this pool finds.</summary>
internal readonly record struct RecallPoint(int EfSearch, double Recall);

/// <summary>What the tuner found: the smallest pool that reaches the wanted recall, and all that was measured, by pool size.</summary>
internal sealed record RecallReport(int EfSearch, double Recall, bool Reached, IReadOnlyList<RecallPoint> Curve);

/// <summary>Finds the smallest EfSearch for a wanted recall by comparing searches with exact ones on a sample.</summary>
internal static class RecallTuner
{
    private const int LeastEf = 8, MostEf = 4096;

    /// <summary>Measures on vectors of the index, each moved by the difference of two near it: a stored vector itself is found too easily.</summary>
    /// <param name="index">The index; others may go on using it.</param>
    /// <param name="targetRecall">The share of true neighbours wanted, above 0 and below 1.</param>
    /// <param name="k">Results per search.</param>
    /// <param name="samples">Queries to measure with; 200 tell recall to about one point.</param>
    /// <param name="seed">Seeds the choice of queries.</param>
    /// <param name="cancellation">Ends the measurement.</param>
    public static RecallReport Tune(
        VectorIndex index, double targetRecall, int k = 10, int samples = 200, int seed = 42, CancellationToken cancellation = default)
    {
        if (targetRecall is not (> 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(targetRecall), targetRecall, "The recall must lie between 0 and 1, exclusive.");
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        var queries = Sample(index, samples, new Random(seed));
        var exact = new Neighbor[queries.Count][];
        for (var i = 0; i < exact.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var nearest = new Neighbor[k];
            exact[i] = nearest[..index.ScanExact(queries[i], nearest)];
        }

        var curve = new SortedDictionary<int, double>();
        return Search(k, targetRecall, curve, ef =>
        {
            cancellation.ThrowIfCancellationRequested();
            return Measure(index, queries, exact, k, ef);
        });
    }

    // Doubles until the recall is reached, then halves the gap to what did not reach it.
    private static RecallReport Search(int k, double target, SortedDictionary<int, double> curve, Func<int, double> measure)
    {
        int low = Math.Max(k, LeastEf) - 1, high = low + 1;
        while ((curve[high] = measure(high)) < target)
        {
            if (high >= MostEf) return Report(high, reached: false, curve);
            low = high;
            high = Math.Min(MostEf, high * 2);
        }

        // Closer than a sixteenth the sample cannot tell.
        while (high - low > Math.Max(1, high / 16))
        {
            var middle = (low + high) / 2;
            if ((curve[middle] = measure(middle)) >= target) high = middle;
            else low = middle;
        }

        return Report(high, reached: true, curve);
    }

    private static RecallReport Report(int ef, bool reached, SortedDictionary<int, double> curve) =>
        new(ef, curve[ef], reached, [.. curve.Select(p => new RecallPoint(p.Key, p.Value))]);

    private static List<float[]> Sample(VectorIndex index, int samples, Random random)
    {
        using var pin = index.Pin();
        var queries = new List<float[]>(samples);
        var limit = index.SlotLimit;
        for (var tries = 0; queries.Count < samples && tries < samples * 20 && limit > 0; tries++)
        {
            var slot = random.Next(limit);
            if (!index.Contains(slot)) continue;
            var query = index.GetVector(slot).ToArray();
            var near = new Neighbor[8];
            var count = index.Search(query, near.Length * 4, near);
            if (count == 0) continue;
            var from = index.GetVector(near[count / 2].Slot);
            var to = index.GetVector(near[count - 1].Slot);
            for (var d = 0; d < query.Length; d++) query[d] += to[d] - from[d];
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
                // By distance: which of several equally near ones is returned does not matter.
                if (found[j].Distance <= exact[i][^1].Distance) hits++;
            }
        }

        return wanted == 0 ? 1 : Math.Min(1, (double)hits / wanted);
    }
}
