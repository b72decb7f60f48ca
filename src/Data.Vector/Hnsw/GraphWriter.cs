using System.Runtime.CompilerServices;
using Data.Vector.Indexing;
using Data.Vector.Quantization;

namespace Data.Vector.Hnsw;

/// <summary>Writes links. Many threads do so at once; a striped lock guards one node's lists at a time.</summary>
internal sealed unsafe class GraphWriter(HnswParameters parameters, NodeLocks locks, CodeWatch watch)
{
    private const int MaxLevels = 32, WidenFactor = 4;

    private readonly int _m = parameters.M;

    /// <summary>
    /// Prepares a slot for insertion: empties its lists, which may be those of a removed node, and allows links to it.
    /// </summary>
    public void Empty(in GraphView graph, int slot)
    {
        locks.Enter(slot);
        var top = graph.LevelOf(slot);
        for (var level = 0; level <= top; level++)
            new Span<int>(graph.Links(slot, level), graph.Width(level)).Fill(GraphView.NoLink);
        Volatile.Write(ref graph.States[slot], SlotState.Free);
        locks.Exit(slot);
    }

    /// <summary>
    /// Links a node on all its levels (INSERT, algorithm 1 of the paper). Level 0 comes first: a search that reaches the node on an upper
    /// level continues from its links below.
    /// </summary>
    public void Insert<TScorer>(in GraphView graph, TScorer scorer, SearchScratch scratch, int slot, int level, EntryPoint entry)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        var top = Math.Min(level, entry.Level);
        var start = GraphWalk.Descend(graph, scorer, entry.Slot, entry.Level, top);
        var chosen = stackalloc int[(Math.Min(top, MaxLevels) + 1) * _m];
        var counts = stackalloc int[MaxLevels + 1];
        var watched = graph.Book is not null && watch.Begin(slot);
        for (var l = top; l >= 0; l--)
            counts[l] = Find(graph, scorer, scratch, slot, l, ref start, chosen + (l * _m), PoolSize(watched && l == 0), watched && l == 0);

        for (var l = 0; l <= top; l++)
        {
            Publish(graph.Links(slot, l), chosen + (l * _m), counts[l]);
            for (var i = 0; i < counts[l]; i++)
                Connect(graph, scorer, chosen[(l * _m) + i], slot, l);
        }
    }

    /// <summary>
    /// Links a node of the graph anew, to nodes that are not excluded. Its former links stay where they find room: others may be reached
    /// through them only. Lists that fill up later select among them.
    /// </summary>
    public void Relink<TScorer>(
        in GraphView graph, TScorer scorer, SearchScratch scratch, ReadOnlySpan<ulong> excluded, int slot, EntryPoint entry)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        var level = graph.LevelOf(slot);
        var top = Math.Min(level, entry.Level);
        var chosen = stackalloc int[_m];
        var start = entry.Slot;
        for (var l = entry.Level; l >= 0; l--)
        {
            // Not the greedy descent, which would go astray among the nodes that are excluded.
            var count = Find(graph, scorer, scratch, slot, l, ref start, chosen, l > top ? _m : PoolSize(watched: false), false, excluded);
            if (l > top)
                continue;
            locks.Enter(slot);
            Prepend(graph.Links(slot, l), graph.Width(l), chosen, count);
            locks.Exit(slot);
            for (var i = 0; i < count; i++)
                Connect(graph, scorer, chosen[i], slot, l);
        }
    }

    /// <summary>
    /// Removes links to nodes that are being unlinked from all lists of a node that is not one itself. The neighbours that it gains link
    /// back, as at insertion: an unlinked node may have been the only path to this one.
    /// </summary>
    [SkipLocalsInit]
    public void Repair<TScorer>(in GraphView graph, TScorer scorer, int slot)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        var gained = stackalloc int[2 * _m];
        var top = graph.LevelOf(slot);
        for (var level = 0; level <= top; level++)
        {
            if (!LinkRepair.NeedsRepair(graph, slot, level))
                continue;
            locks.Enter(slot);
            // A slot is emptied for reuse under this lock.
            var gain = Volatile.Read(ref graph.States[slot]) == SlotState.Unlinking ?
                0 :
                LinkRepair.Rebuild(graph, scorer.From(slot), slot, level, gained);
            locks.Exit(slot);
            for (var i = 0; i < gain; i++)
                Connect(graph, scorer, gained[i], slot, level);
        }
    }

    private int PoolSize(bool watched) => watched ? Math.Max(parameters.EfConstruction, CodeWatch.Candidates) : parameters.EfConstruction;

    /// <summary>Searches a level and selects links; widens the search when every node found is deleted.</summary>
    private int Find<TScorer>(
        in GraphView graph,
        TScorer scorer,
        SearchScratch scratch,
        int slot,
        int level,
        ref int start,
        int* chosen,
        int size,
        bool watched,
        ReadOnlySpan<ulong> excluded = default)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        for (; ; size *= WidenFactor)
        {
            scratch.Prepare(graph.Limit, size, CodeBook.BytesFor(parameters.Dimension), 2 * _m);
            scratch.Exclude(excluded, graph.Limit);
            var pool = new CandidatePool(scratch.Pool, size);
            GraphWalk.SearchLayer(graph, scorer, scratch, ref pool, start, level);
            var usable = 0;
            for (var i = 0; i < pool.Count; i++)
            {
                var candidate = pool.Slot(i);
                if (candidate != slot && graph.IsLinkable(candidate))
                    scratch.Pool[usable++] = scratch.Pool[i];
            }

            if (usable == 0 && pool.IsFull && size < graph.Limit)
                continue;
            if (usable > 0)
                start = pool.Slot(0);
            if (watched)
                watch.Observe(graph, slot, scratch.Pool, usable);
            var kept = NeighborSelection.Choose(scorer, slot, scratch.Pool, usable, _m, scorer.Score(slot), maxDuplicates: 1);
            for (var i = 0; i < kept; i++)
                chosen[i] = (int)((uint)scratch.Pool[i] >> 1);
            return kept;
        }
    }

    /// <summary>Adds a link from <paramref name="from"/>; when the list is full, selects its links again with the new one.</summary>
    private void Connect<TScorer>(in GraphView graph, TScorer scorer, int from, int to, int level)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        var displaced = GraphView.NoLink;
        while (!TryConnect(graph, scorer, from, to, level, ref displaced))
        {
            // One lock at a time: both nodes may share one.
            locks.Enter(to);
            Append(graph.Links(to, level), graph.Width(level), displaced);
            locks.Exit(to);
        }
    }

    /// <summary>
    /// Adds the link, unless it takes the place of a link between duplicates that the new neighbour does not lead to yet.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="scorer">Scores nodes.</param>
    /// <param name="from">The node whose list changes.</param>
    /// <param name="to">The new neighbour.</param>
    /// <param name="level">The list's level.</param>
    /// <param name="displaced">
    /// The link that the new neighbour got in exchange; receives the one that it must get before the next attempt.
    /// </param>
    private bool TryConnect<TScorer>(in GraphView graph, TScorer scorer, int from, int to, int level, ref int displaced)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        var links = graph.Links(from, level);
        var width = graph.Width(level);
        locks.Enter(from);
        try
        {
            if (LinkRepair.NeedsRepair(graph, from, level))
                Rebuild(graph, scorer, from, level);
            var count = 0;
            while (count < width && links[count] >= 0)
            {
                if (links[count++] == to)
                    return true;
            }

            var place = DuplicatePlace(graph, scorer.From(from), from, to, level, count);
            if (place >= 0 && links[place] != displaced)
            {
                displaced = links[place];
                return false;
            }

            if (place >= 0)
                Volatile.Write(ref links[place], to);
            else if (count < width)
                Volatile.Write(ref links[count], to);
            else
                Replace(scorer.From(from), links, width, from, to);
            return true;
        }
        finally
        {
            locks.Exit(from);
        }
    }

    [SkipLocalsInit]
    private void Rebuild<TScorer>(in GraphView graph, TScorer scorer, int slot, int level)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        var gained = stackalloc int[2 * _m];
        LinkRepair.Rebuild(graph, scorer.From(slot), slot, level, gained);
    }

    /// <summary>
    /// Returns the place of the next duplicate of <paramref name="from"/>, where a new one joins the chain, so that each of any number of
    /// equal vectors is reached from its neighbours in it; -1 when the two are not duplicates or the list has room for one more.
    /// </summary>
    private static int DuplicatePlace<TScorer>(in GraphView graph, TScorer own, int from, int to, int level, int count)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        var duplicateKey = own.Score(from);
        if (own.Score(to) != duplicateKey)
            return -1;
        var links = graph.Links(from, level);
        var duplicates = 0;
        for (var i = 0; i < count; i++)
        {
            if (own.Score(links[i]) == duplicateKey && ++duplicates >= NeighborSelection.MaxDuplicates)
                return i;
        }

        return -1;
    }

    private static void Append(int* links, int width, int to)
    {
        var count = 0;
        while (count < width - 1 && links[count] >= 0)
            count++;
        Volatile.Write(ref links[count], to);
    }

    [SkipLocalsInit]
    private static void Replace<TScorer>(TScorer scorer, int* links, int width, int from, int to)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        var entries = stackalloc ulong[width + 1];
        for (var i = 0; i < width; i++)
            entries[i] = CandidatePool.Entry(scorer.Score(links[i]), links[i]);
        entries[width] = CandidatePool.Entry(scorer.Score(to), to);
        new Span<ulong>(entries, width + 1).Sort();
        // All duplicates stay: a new one gets here only where there are few, and where a list has more, recalibration made them equal, and
        // no chain leads to those that would be dropped.
        var kept = NeighborSelection.Choose(scorer, from, entries, width + 1, width, scorer.Score(from), maxDuplicates: width);
        for (var i = 0; i < width; i++)
            Volatile.Write(ref links[i], i < kept ? (int)((uint)entries[i] >> 1) : GraphView.NoLink);
    }

    // Writes links in front of those that a list has, of which the last ones go when it is full.
    [SkipLocalsInit]
    private static void Prepend(int* links, int width, int* chosen, int count)
    {
        var merged = stackalloc int[width];
        new ReadOnlySpan<int>(chosen, count).CopyTo(new Span<int>(merged, width));
        for (var i = 0; i < width && links[i] >= 0 && count < width; i++)
        {
            if (!new ReadOnlySpan<int>(merged, count).Contains(links[i]))
                merged[count++] = links[i];
        }

        Publish(links, merged, count);
    }

    private static void Publish(int* links, int* chosen, int count)
    {
        for (var i = 0; i < count; i++)
            Volatile.Write(ref links[i], chosen[i]);
    }
}
