namespace Data.Vector.Pinecone;

/// <summary>Batches that stay within the limits of one request.</summary>
internal static class SizedBatches
{
    /// <summary>Cuts a list into batches of a bounded count and a bounded sum of sizes.</summary>
    public static IEnumerable<List<T>> Cut<T>(IEnumerable<T> items, Func<T, int> size, int mostItems, int mostSize)
    {
        var batch = new List<T>();
        var sum = 0;
        foreach (var item in items)
        {
            var own = size(item);
            if (batch.Count == mostItems || (batch.Count > 0 && sum + own > mostSize))
            {
                yield return batch;
                batch = [];
                sum = 0;
            }

            batch.Add(item);
            sum += own;
        }

        if (batch.Count > 0)
            yield return batch;
    }
}
