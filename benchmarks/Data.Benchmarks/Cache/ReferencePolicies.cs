namespace Data.Benchmarks.Cache;

/// <summary>Hit ratios of what admission is judged against.</summary>
internal static class ReferencePolicies
{
    /// <summary>Least recently used.</summary>
    public static double Lru(int[] trace, int room)
    {
        var order = new LinkedList<int>();
        var places = new Dictionary<int, LinkedListNode<int>>();
        var hits = 0;
        foreach (var key in trace)
        {
            if (places.TryGetValue(key, out var node))
            {
                hits++;
                order.Remove(node);
                order.AddLast(node);
                continue;
            }

            places[key] = order.AddLast(key);
            if (places.Count <= room)
                continue;
            places.Remove(order.First!.Value);
            order.RemoveFirst();
        }

        return hits / (double)trace.Length;
    }

    /// <summary>The bound of L. A. Belady (1966): what is used again last leaves, or is not entered at all.</summary>
    public static double Belady(int[] trace, int room)
    {
        var next = new int[trace.Length];
        var last = new Dictionary<int, int>();
        for (var i = trace.Length - 1; i >= 0; i--)
        {
            next[i] = last.GetValueOrDefault(trace[i], int.MaxValue);
            last[trace[i]] = i;
        }

        var inside = new Dictionary<int, int>();
        var byNext = new SortedSet<(int Next, int Key)>();
        var hits = 0;
        for (var i = 0; i < trace.Length; i++)
        {
            var key = trace[i];
            if (inside.Remove(key, out var known))
            {
                hits++;
                byNext.Remove((known, key));
            }
            else if (inside.Count >= room)
            {
                var latest = byNext.Max;
                if (latest.Next <= next[i])
                    continue;
                inside.Remove(latest.Key);
                byNext.Remove(latest);
            }

            inside.Add(key, next[i]);
            byNext.Add((next[i], key));
        }

        return hits / (double)trace.Length;
    }
}
