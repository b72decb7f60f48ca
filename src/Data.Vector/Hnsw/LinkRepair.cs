using System.Runtime.CompilerServices;
using Data.Vector.Indexing;

namespace Data.Vector.Hnsw;

/// <summary>
/// Takes links to leaving nodes out of a list and closes the gap with what those nodes led to (FreshDiskANN, Singh et al. 2021,
/// algorithm 4; here with the selection that insertion uses, and through chains of leaving nodes).
/// </summary>
internal static unsafe class LinkRepair
{
    private const int MaxCandidates = 512, MaxUnlinking = 64;

    /// <summary>
    /// Whether a list leads to a leaving node. Good without the list's lock: links to leaving nodes only ever become fewer.
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
    /// Rewrites a list: what stays keeps its place, for links beyond the diverse ones serve recall too; what the leaving ones led to is
    /// added as far as it is diverse. Returns how many links were gained. The caller holds the node's lock.
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
        var kept = NeighborSelection.Extend(own, entries, staying, count, width, own.Score(slot), NeighborSelection.MaxDuplicates);
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

    /// <summary>The node's neighbours that stay, then those that the leaving ones lead to, directly or through others that leave.</summary>
    [SkipLocalsInit]
    private static int Gather(in GraphView graph, int slot, int level, int* candidates, ref int staying)
    {
        var leaving = stackalloc int[MaxUnlinking];
        int count = 0, found = 0;
        for (var next = -1; next < found; next++)
        {
            var from = next < 0 ? slot : leaving[next];
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
                // Dead ones not leaving yet lead on until they do; a gap is closed with live ones only.
                if (state == SlotState.Unlinking)
                    TryAdd(leaving, ref found, MaxUnlinking, link);
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
