using System.Runtime.CompilerServices;

namespace Data.Vector.Hnsw;

/// <summary>
/// Which candidates become links (Malkov and Yashunin 2018, algorithm 4): the nearest, then each next one that is nearer to the node
/// than to any link already chosen, so that links point in different directions and clusters stay connected.
/// </summary>
/// <remarks>
/// Twins, nodes that score the same as the node itself, are kept apart, few at most: they form a chain (<see cref="GraphWriter"/>), and a
/// thousand equal vectors would otherwise fill each other's lists and leave the later ones without a link to them.
/// </remarks>
internal static unsafe class NeighborSelection
{
    /// <summary>Links to equal nodes that one list holds: one each way along their chain.</summary>
    public const int MaxDuplicates = 2;

    /// <summary>
    /// Chooses up to <paramref name="most"/> of <paramref name="count"/> entries (sorted, in the pool's form) and moves them to the
    /// front, in order. Returns how many. Entries whose key is <paramref name="duplicateKey"/> are the node's equals.
    /// </summary>
    public static int Choose<TScorer>(TScorer scorer, ulong* entries, int count, int most, uint duplicateKey, int maxDuplicates)
        where TScorer : struct, ISlotScorer<TScorer> =>
        count <= 1 ? count : Extend(scorer, entries, 0, count, most, duplicateKey, maxDuplicates);

    /// <summary>The same, but the first <paramref name="chosen"/> entries, in any order, are chosen already.</summary>
    public static int Extend<TScorer>(TScorer scorer, ulong* entries, int chosen, int count, int most, uint duplicateKey, int maxDuplicates)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        var twins = 0;
        for (var i = 0; i < chosen; i++)
        {
            if (Key(entries[i]) == duplicateKey)
                twins++;
        }

        for (var i = chosen; i < count && chosen < most; i++)
        {
            var keep = Key(entries[i]) == duplicateKey ? twins++ < maxDuplicates : IsDiverse(scorer, entries, chosen, entries[i]);
            if (keep)
                entries[chosen++] = entries[i];
        }

        return chosen;
    }

    public static uint Key(ulong entry) => (uint)(entry >> 32);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsDiverse<TScorer>(TScorer scorer, ulong* chosen, int count, ulong entry)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        var key = Key(entry);
        var own = scorer.From((int)((uint)entry >> 1));
        for (var i = 0; i < count; i++)
        {
            if (own.Score((int)((uint)chosen[i] >> 1)) < key)
                return false;
        }

        return true;
    }
}
