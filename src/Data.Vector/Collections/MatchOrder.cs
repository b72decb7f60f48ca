namespace Data.Vector.Collections;

/// <summary>The order of matches: by distance, then by id.</summary>
internal static class MatchOrder
{
    private const int MaxInsertion = 32;

    public static int Compare(VectorMatch left, VectorMatch right)
    {
        var order = left.Distance.CompareTo(right.Distance);
        return order != 0 ? order : string.CompareOrdinal(left.Id, right.Id);
    }

    /// <summary>Orders matches of equal distance by id. The matches must be ordered by distance.</summary>
    public static void SortTies(Span<VectorMatch> matches)
    {
        for (var start = 0; start < matches.Length - 1; start++)
        {
            var end = start + 1;
            while (end < matches.Length && matches[end].Distance == matches[start].Distance)
                end++;

            if (end - start > 1)
            {
                SortRun(matches[start..end]);
                start = end - 1;
            }
        }
    }

    private static void SortRun(Span<VectorMatch> run)
    {
        if (run.Length > MaxInsertion)
        {
            run.Sort(Compare);
            return;
        }

        // The usual run is a pair; the library's sort would allocate for its comparer.
        for (var i = 1; i < run.Length; i++)
        {
            for (var k = i; k > 0 && Compare(run[k - 1], run[k]) > 0; k--)
                (run[k - 1], run[k]) = (run[k], run[k - 1]);
        }
    }
}
