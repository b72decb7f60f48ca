using System.Runtime.CompilerServices;
using Data.Vector.Internal;

namespace Data.Vector.Hnsw;

/// <summary>The two walks of HNSW: greedy descent through the upper levels, and best-first search of one level.</summary>
internal static unsafe class GraphWalk
{
    /// <summary>
    /// Descends from the entry point to <paramref name="toLevel"/>, on each level moving to the nearest neighbour until none is nearer.
    /// </summary>
    public static int Descend<TScorer>(in GraphView graph, TScorer scorer, int entry, int fromLevel, int toLevel)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        var best = entry;
        var bestKey = scorer.Score(entry);
        for (var level = fromLevel; level > toLevel; level--)
        {
            bool moved;
            do
            {
                moved = false;
                var links = graph.Links(best, level);
                var width = graph.Width(level);
                for (var i = 0; i < width && links[i] >= 0; i++)
                    scorer.Prefetch(links[i]);
                for (var i = 0; i < width; i++)
                {
                    var slot = Volatile.Read(ref links[i]);
                    if (slot < 0)
                        break;
                    if (slot >= graph.Limit)
                        continue;
                    var key = scorer.Score(slot);
                    if (key >= bestKey)
                        continue;
                    bestKey = key;
                    best = slot;
                    moved = true;
                }
            }
            while (moved);
        }

        return best;
    }

    /// <summary>
    /// Searches one level best-first (SEARCH-LAYER, algorithm 2 of the paper). The pool receives the nearest nodes found, deleted ones
    /// included.
    /// </summary>
    public static void SearchLayer<TScorer>(
        in GraphView graph,
        TScorer scorer,
        SearchScratch scratch,
        ref CandidatePool pool,
        int entry,
        int level)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        var width = graph.Width(level);
        scratch.Visited[entry >> 6] |= 1ul << entry;
        pool.Insert(CandidatePool.Entry(scorer.Score(entry), entry));
        for (var node = pool.TakeNext(); node >= 0; node = pool.TakeNext())
        {
            var count = Gather(graph.Links(node, level), width, (uint)graph.Limit, scratch.Visited, scratch.Batch);
            // The next node is known unless this batch holds a nearer one: its links are prefetched meanwhile.
            if (level == 0 && pool.Next is var next and >= 0)
                Prefetcher.Fetch((byte*)graph.Links(next, 0), width * sizeof(int));
            SlotScoring.Score(scorer, scratch.Batch, count, scratch.Keys);
            var near = pool.SelectNear(scratch.Batch, scratch.Keys, count, scratch.Near, out var nearest);
            if (level == 0 && pool.IsBeforeNext(nearest))
                Prefetcher.Fetch((byte*)graph.Links(CandidatePool.Slot(nearest), 0), width * sizeof(int));
            pool.Insert(scratch.Near, near);
        }
    }

    // Has no branch on whether a node was visited: that is not predictable. Not inlined, like the other steps of the walk: in one method
    // together their loops kept their variables on the stack.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Gather(int* links, int width, uint limit, ulong* visited, int* batch)
    {
        var count = 0;
        for (var end = links + width; links < end; links++)
        {
            var slot = (uint)Volatile.Read(ref *links);
            if (slot >= limit)
            {
                // Added since the walk began: its memory may lie outside the view.
                if ((int)slot >= 0)
                    continue;
                break;
            }

            var word = visited + (slot >> 6);
            var visitedBits = *word;
            *word = visitedBits | (1ul << (int)slot);
            batch[count] = (int)slot;
            count += 1 - (int)((visitedBits >> (int)slot) & 1);
        }

        return count;
    }
}
