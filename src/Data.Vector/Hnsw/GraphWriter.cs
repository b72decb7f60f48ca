using System.Runtime.CompilerServices;
using Data.Vector.Indexing;

namespace Data.Vector.Hnsw;

/// <summary>Puts nodes into the graph. Many run at once; a lock per stripe of nodes guards one list of links at a time.</summary>
internal sealed unsafe class GraphWriter(int m, int efConstruction)
{
    private const int MostLevels = 32;

    private readonly NodeLocks _locks = new();

    /// <summary>
    /// Links a node on all its levels. Level 0 first: a walk that comes upon the node from above must be able to leave it below.
    /// </summary>
    public void Insert<TScorer>(in GraphView graph, TScorer scorer, SearchScratch scratch, int slot, int level, EntryPoint entry)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        var top = Math.Min(level, entry.Level);
        var start = GraphWalk.Descend(graph, scorer, entry.Slot, entry.Level, top);
        var chosen = stackalloc int[(Math.Min(top, MostLevels) + 1) * m];
        var counts = stackalloc int[MostLevels + 1];
        for (var l = top; l >= 0; l--)
        {
            if (l != top) scratch.ClearVisited(graph.Limit);
            var pool = new CandidatePool(scratch.Pool, efConstruction);
            GraphWalk.Spread(graph, scorer, scratch, ref pool, start, l);
            start = pool.Slot(0);
            counts[l] = ChooseLinks(graph, scorer, scratch.Pool, pool.Count, slot, chosen + (l * m));
        }

        for (var l = 0; l <= top; l++)
        {
            Publish(graph.Links(slot, l), chosen + (l * m), counts[l]);
            for (var i = 0; i < counts[l]; i++) Connect(graph, scorer, chosen[(l * m) + i], slot, l);
        }
    }

    private int ChooseLinks<TScorer>(in GraphView graph, TScorer scorer, ulong* entries, int count, int slot, int* chosen)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        // A link to a deleted node, or to the node itself where its slot was used before, would be a dead end.
        var usable = 0;
        for (var i = 0; i < count; i++)
        {
            var candidate = (int)((uint)entries[i] >> 1);
            if (candidate != slot && Volatile.Read(ref graph.States[candidate]) != SlotState.Deleted) entries[usable++] = entries[i];
        }

        var kept = NeighborSelection.Choose(scorer, entries, usable, m, scorer.Score(slot), mostTwins: 1);
        for (var i = 0; i < kept; i++) chosen[i] = (int)((uint)entries[i] >> 1);
        return kept;
    }

    /// <summary>Adds a link from <paramref name="from"/>; a full list is chosen anew with the new link among the candidates.</summary>
    private void Connect<TScorer>(in GraphView graph, TScorer scorer, int from, int to, int level)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        var links = graph.Links(from, level);
        var width = graph.Width(level);
        _locks.Enter(from);
        try
        {
            var count = 0;
            while (count < width && links[count] >= 0)
            {
                if (links[count++] == to) return;
            }

            if (JoinTwins(graph, scorer.From(from), from, to, level, count)) return;
            if (count < width) Volatile.Write(ref links[count], to);
            else Replace(scorer.From(from), links, width, from, to);
        }
        finally
        {
            _locks.Exit(from);
        }
    }

    /// <summary>
    /// Puts an equal node into the chain of twins between <paramref name="from"/> and the twin after it, so that each of any number of
    /// equal vectors is led to by its neighbours in the chain. False when the two are no twins or the list has room for one.
    /// </summary>
    private static bool JoinTwins<TScorer>(in GraphView graph, TScorer own, int from, int to, int level, int count)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        var twinKey = own.Score(from);
        if (own.Score(to) != twinKey) return false;
        var links = graph.Links(from, level);
        var twins = 0;
        for (var i = 0; i < count; i++)
        {
            if (own.Score(links[i]) != twinKey || ++twins < NeighborSelection.MostTwins) continue;
            // The new node leads on to the one it displaces before it takes its place.
            Append(graph.Links(to, level), graph.Width(level), links[i]);
            Volatile.Write(ref links[i], to);
            return true;
        }

        return false;
    }

    private static void Append(int* links, int width, int to)
    {
        var count = 0;
        while (count < width - 1 && links[count] >= 0) count++;
        Volatile.Write(ref links[count], to);
    }

    [SkipLocalsInit]
    private static void Replace<TScorer>(TScorer scorer, int* links, int width, int from, int to)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        var entries = stackalloc ulong[width + 1];
        for (var i = 0; i < width; i++) entries[i] = CandidatePool.Entry(scorer.Score(links[i]), links[i]);
        entries[width] = CandidatePool.Entry(scorer.Score(to), to);
        new Span<ulong>(entries, width + 1).Sort();
        var kept = NeighborSelection.Choose(scorer, entries, width + 1, width, scorer.Score(from), NeighborSelection.MostTwins);
        for (var i = 0; i < width; i++) Volatile.Write(ref links[i], i < kept ? (int)((uint)entries[i] >> 1) : GraphView.NoLink);
    }

    private static void Publish(int* links, int* chosen, int count)
    {
        for (var i = 0; i < count; i++) Volatile.Write(ref links[i], chosen[i]);
    }
}
