using System.Runtime.CompilerServices;
using Data.Vector.Indexing;

namespace Data.Vector.Hnsw;

/// <summary>
/// Removes links to nodes that are being unlinked and replaces them with links to the neighbours of those nodes (FreshDiskANN, Singh et al.
/// 2021, algorithm 4; here with the selection that insertion uses, and through chains of such nodes).
/// </summary>
internal static unsafe class LinkRepair
{
    private const int MaxCandidates = 512, MaxUnlinking = 64;

    /// <summary>
    /// Returns whether a list holds a link to a node that is being unlinked. Needs no lock: the number of such links only falls.
    /// </summary>
    public static bool NeedsRepair(in GraphView graph, int slot, int level)
    {
        var links = graph.Links(slot, level);
        var width = graph.Width(level);
        for (var i = 0; i < width; i++)
        {
            var link = Volatile.Read(ref links[i]);
            if (link < 0)
                return false;
            if (Volatile.Read(ref graph.States[link]) == SlotState.Unlinking)
                return true;
        }

        return false;
    }

    /// <summary>
    /// Rewrites a list: the other links keep their place, since links beyond the diverse ones improve recall too; neighbours of the
    /// unlinked nodes are added as far as they are diverse. Returns how many links were gained. The caller holds the node's lock.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="own">Scores against the node.</param>
    /// <param name="slot">The node.</param>
    /// <param name="level">The list's level.</param>
    /// <param name="gained">Receives the new links; as wide as a list.</param>
    [SkipLocalsInit]
    public static int Rebuild<TScorer>(in GraphView graph, TScorer own, int slot, int level, int* gained)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        var candidates = stackalloc int[MaxCandidates];
        var staying = 0;
        var count = Gather(graph, slot, level, candidates, ref staying);
        var entries = stackalloc ulong[MaxCandidates];
        for (var i = 0; i < count; i++)
            entries[i] = CandidatePool.Entry(own.Score(candidates[i]), candidates[i]);
        new Span<ulong>(entries + staying, count - staying).Sort();
        var width = graph.Width(level);
        var kept = NeighborSelection.Extend(own, slot, entries, staying, count, width, own.Score(slot), NeighborSelection.MaxDuplicates);
        var links = graph.Links(slot, level);
        for (var i = 0; i < width; i++)
        {
            var link = i < kept ? (int)((uint)entries[i] >> 1) : GraphView.NoLink;
            if (i >= staying && i < kept)
                gained[i - staying] = link;
            Volatile.Write(ref links[i], link);
        }

        return kept - staying;
    }

    /// <summary>Collects the links that stay, then those of the unlinked nodes, directly or through other unlinked nodes.</summary>
    [SkipLocalsInit]
    private static int Gather(in GraphView graph, int slot, int level, int* candidates, ref int staying)
    {
        var unlinking = stackalloc int[MaxUnlinking];
        int count = 0, found = 0;
        for (var next = -1; next < found; next++)
        {
            var from = next < 0 ? slot : unlinking[next];
            var links = graph.Links(from, level);
            var width = graph.Width(level);
            for (var i = 0; i < width; i++)
            {
                var link = Volatile.Read(ref links[i]);
                if (link < 0)
                    break;
                if (link == slot)
                    continue;
                var state = Volatile.Read(ref graph.States[link]);
                // Other deleted nodes keep their links until their own sweep; a new link leads to a live node only.
                if (state == SlotState.Unlinking)
                    TryAdd(unlinking, ref found, MaxUnlinking, link);
                else if (next < 0 || state != SlotState.Deleted)
                    TryAdd(candidates, ref count, MaxCandidates, link);
            }

            if (next < 0)
                staying = count;
        }

        return count;
    }

    private static void TryAdd(int* set, ref int count, int most, int item)
    {
        if (count < most && !new ReadOnlySpan<int>(set, count).Contains(item))
            set[count++] = item;
    }
}
