using System.Runtime.CompilerServices;

namespace Data.Vector.Hnsw;

/// <summary>
/// Selects the candidates that become links (Malkov and Yashunin 2018, algorithm 4): the nearest, then each next one that is nearer to the
/// node than to any link selected before, so that links point in different directions and clusters stay connected.
/// </summary>
/// <remarks>
/// Duplicates (nodes that score the same as the node itself) are limited: they form a chain (<see cref="GraphWriter"/>). A thousand equal
/// vectors would otherwise fill each other's lists and leave the later ones without a link to them.
/// </remarks>
internal static unsafe class NeighborSelection
{
    /// <summary>Links to duplicates that one list holds: one each way along their chain.</summary>
    public const int MaxDuplicates = 2;

    /// <summary>
    /// Selects up to <paramref name="max"/> of <paramref name="count"/> entries (sorted, in the form of the pool) and moves them to the
    /// front, in order. Returns how many. Entries whose key is <paramref name="duplicateKey"/> are duplicates of the node.
    /// </summary>
    public static int Choose<TScorer>(TScorer scorer, ulong* entries, int count, int max, uint duplicateKey, int maxDuplicates)
        where TScorer : struct, ISlotScorer<TScorer> =>
        count <= 1 ? count : Extend(scorer, entries, 0, count, max, duplicateKey, maxDuplicates);

    /// <summary>Selects as <see cref="Choose"/> does, after the first <paramref name="chosen"/> entries, which stay.</summary>
    public static int Extend<TScorer>(TScorer scorer, ulong* entries, int chosen, int count, int max, uint duplicateKey, int maxDuplicates)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        var duplicates = 0;
        for (var i = 0; i < chosen; i++)
        {
            if (Key(entries[i]) == duplicateKey)
                duplicates++;
        }

        for (var i = chosen; i < count && chosen < max; i++)
        {
            var keep = Key(entries[i]) == duplicateKey ? duplicates++ < maxDuplicates : IsDiverse(scorer, entries, chosen, entries[i]);
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
