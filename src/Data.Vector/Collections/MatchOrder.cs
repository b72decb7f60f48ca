namespace Data.Vector.Collections;

/// <summary>The order of matches: by distance, then by id.</summary>
internal static class MatchOrder
{
    public static int Compare(VectorMatch left, VectorMatch right)
    {
        var order = left.Distance.CompareTo(right.Distance);
        return order != 0 ? order : string.CompareOrdinal(left.Id, right.Id);
    }

    /// <summary>Orders matches that are ordered by distance already; free when no two distances are equal.</summary>
    public static void SortTies(Span<VectorMatch> matches)
    {
        for (var start = 0; start < matches.Length - 1; start++)
        {
            var end = start + 1;
            while (end < matches.Length && matches[end].Distance == matches[start].Distance)
            {
                end++;
            }

            if (end - start > 1)
            {
                matches[start..end].Sort(Compare);
                start = end - 1;
            }
        }
    }
}
