namespace Data.Vector.Indexing;

/// <summary>Adds and searches of many rows on several threads.</summary>
internal static class VectorIndexBatches
{
    /// <summary>Adds vectors, row by row, on up to <paramref name="parallelism"/> threads.</summary>
    /// <param name="index">The index.</param>
    /// <param name="rows">The vectors, one after the other.</param>
    /// <param name="slots">Receives one slot per row.</param>
    /// <param name="parallelism">The most threads to use.</param>
    public static void AddRange(this VectorIndex index, ReadOnlyMemory<float> rows, Memory<int> slots, int parallelism)
    {
        var dimension = index.Dimension;
        var count = rows.Length / dimension;
        if (count * dimension != rows.Length)
            throw new ArgumentException($"The length is not a multiple of {dimension} dimensions.", nameof(rows));
        ArgumentOutOfRangeException.ThrowIfLessThan(slots.Length, count);
        InParallel(count, parallelism, row => slots.Span[row] = index.Add(rows.Span.Slice(row * dimension, dimension)));
    }

    /// <summary>Searches for each row of <paramref name="queries"/> on up to <paramref name="parallelism"/> threads.</summary>
    /// <param name="index">The index.</param>
    /// <param name="queries">The queries, one after the other.</param>
    /// <param name="k">Results per query.</param>
    /// <param name="efSearch">Size of the candidate pool.</param>
    /// <param name="results">Receives the results; those of row i start at <c>i * k</c>.</param>
    /// <param name="counts">Receives how many results each row has.</param>
    /// <param name="parallelism">The most threads to use.</param>
    public static void SearchBatch(
        this VectorIndex index,
        ReadOnlyMemory<float> queries,
        int k,
        int efSearch,
        Memory<Neighbor> results,
        Memory<int> counts,
        int parallelism)
    {
        var dimension = index.Dimension;
        var rows = queries.Length / dimension;
        ArgumentOutOfRangeException.ThrowIfLessThan(counts.Length, rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(results.Length, rows * k);
        InParallel(rows, parallelism, row =>
            counts.Span[row] = index.Search(queries.Span.Slice(row * dimension, dimension), efSearch, results.Span.Slice(row * k, k)));
    }

    private static void InParallel(int count, int parallelism, Action<int> body)
    {
        if (parallelism <= 1 || count <= 1)
        {
            for (var i = 0; i < count; i++)
                body(i);
            return;
        }

        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = parallelism }, body);
    }
}
