using System.Runtime.CompilerServices;
using Data.Vector.Internal;

namespace Data.Vector.Hnsw;

/// <summary>The two ways through the graph: straight down to a near node, and breadth around it.</summary>
internal static unsafe class GraphWalk
{
    /// <summary>From the entry point down to <paramref name="toLevel"/>, on each level moving to the nearest neighbour until none is nearer.</summary>
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
                for (var i = 0; i < width && links[i] >= 0; i++) scorer.Prefetch(links[i]);
                for (var i = 0; i < width; i++)
                {
                    var slot = Volatile.Read(ref links[i]);
                    if (slot < 0) break;
                    if (slot >= graph.Limit) continue;
                    var key = scorer.Score(slot);
                    if (key >= bestKey) continue;
                    bestKey = key;
                    best = slot;
                    moved = true;
                }
            }
            while (moved);
        }

        return best;
    }

    /// <summary>Best-first search on one level; afterwards the pool holds the nearest nodes found, deleted ones included.</summary>
    public static void Spread<TScorer>(in GraphView graph, TScorer scorer, SearchScratch scratch, ref CandidatePool pool, int entry, int level)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        var visited = scratch.Visited;
        var batch = scratch.Batch;
        var width = graph.Width(level);
        var limit = (uint)graph.Limit;
        visited[entry >> 6] |= 1ul << entry;
        pool.Insert(CandidatePool.Entry(scorer.Score(entry), entry));
        for (var node = pool.TakeNext(); node >= 0; node = pool.TakeNext())
        {
            var links = graph.Links(node, level);
            var count = 0;
            for (var i = 0; i < width; i++)
            {
                var slot = Volatile.Read(ref links[i]);
                if ((uint)slot >= limit)
                {
                    // Added since this walk began: its memory may lie beyond what the view covers.
                    if (slot >= 0) continue;
                    break;
                }

                ref var word = ref visited[slot >> 6];
                var bit = 1ul << slot;
                if ((word & bit) != 0) continue;
                word |= bit;
                batch[count++] = slot;
                scorer.Prefetch(slot);
            }

            if (level == 0)
            {
                var next = pool.PeekNext();
                if (next >= 0) Prefetcher.Fetch((byte*)graph.Links(next, 0), width * sizeof(int));
            }

            Score(scorer, batch, count, ref pool);
        }
    }

    /// <summary>Scores a batch and keeps what is near enough.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Score<TScorer>(TScorer scorer, int* batch, int count, ref CandidatePool pool)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        var i = 0;
        for (; i <= count - 4; i += 4)
        {
            var keys = scorer.ScoreFour(batch + i);
            for (var j = 0; j < 4; j++)
            {
                var entry = CandidatePool.Entry(keys[j], batch[i + j]);
                if (entry < pool.Bound) pool.Insert(entry);
            }
        }

        for (; i < count; i++)
        {
            var entry = CandidatePool.Entry(scorer.Score(batch[i]), batch[i]);
            if (entry < pool.Bound) pool.Insert(entry);
        }
    }
}
