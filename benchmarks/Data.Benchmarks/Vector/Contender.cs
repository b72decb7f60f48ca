namespace Data.Benchmarks.Vector;

/// <summary>An engine with a built index that runs all queries of a set on one thread.</summary>
internal abstract class Contender(VectorSet set) : IDisposable
{
    private const int MostEf = 2_000;

    protected VectorSet Set { get; } = set;

    public abstract string Name { get; }

    /// <summary>Elapsed seconds of the build.</summary>
    public double BuildSeconds { get; protected set; }

    /// <summary>
    /// Processor seconds of the build, all threads together: comparable on a shared machine.
    /// </summary>
    public double BuildProcessorSeconds { get; protected set; }

    /// <summary>
    /// Runs the queries and returns their processor seconds; writes the rows found to <paramref name="rows"/> unless it is empty.
    /// </summary>
    public abstract double Run(int efSearch, Span<int> rows);

    public double Recall(int efSearch)
    {
        var rows = new int[VectorSet.QueryCount * VectorSet.K];
        Run(efSearch, rows);
        return Set.Recall(rows);
    }

    public double QueriesPerSecond(int efSearch) => VectorSet.QueryCount / Run(efSearch, []);

    /// <summary>Returns the smallest pool that reaches a recall.</summary>
    public int EfFor(double recall)
    {
        int low = VectorSet.K - 1, high = VectorSet.K;
        while (high < MostEf && Recall(high) < recall)
            (low, high) = (high, high * 2);
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            if (Recall(middle) >= recall)
                high = middle;
            else
                low = middle;
        }

        return high;
    }

    public abstract void Dispose();
}
