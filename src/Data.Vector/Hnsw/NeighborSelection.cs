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
    // 2^32 over the golden ratio: multiplying by it spreads neighbouring numbers.
    private const uint Odd = 0x9E3779B9;

    /// <summary>Links to duplicates that one list holds: one each way along their chain.</summary>
    public const int MaxDuplicates = 2;

    /// <summary>
    /// Selects up to <paramref name="max"/> of <paramref name="count"/> entries (sorted, in the form of the pool) and moves them to the
    /// front, in order. Returns how many. Entries whose key is <paramref name="duplicateKey"/> are duplicates of the node.
    /// </summary>
    public static int Choose<TScorer>(TScorer scorer, int node, ulong* entries, int count, int max, uint duplicateKey, int maxDuplicates)
        where TScorer : struct, ISlotScorer<TScorer> =>
        count <= 1 ? count : Extend(scorer, node, entries, 0, count, max, duplicateKey, maxDuplicates);

    /// <summary>Selects as <see cref="Choose"/> does, after the first <paramref name="chosen"/> entries, which stay.</summary>
    public static int Extend<TScorer>(
        TScorer scorer, int node, ulong* entries, int chosen, int count, int max, uint duplicateKey, int maxDuplicates)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        MixTies(new Span<ulong>(entries + chosen, count - chosen), node, duplicateKey);
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

    /// <summary>
    /// Brings entries of equal keys into an order that differs from node to node. By slot, the nodes of data with many ties would all link
    /// to the same few, and nothing would lead to the others.
    /// </summary>
    private static void MixTies(Span<ulong> entries, int node, uint duplicateKey)
    {
        for (int first = 0, next = 1; first < entries.Length; first = next++)
        {
            var key = Key(entries[first]);
            while (next < entries.Length && Key(entries[next]) == key)
                next++;
            if (next - first > 1 && key != duplicateKey)
                Mix(entries[first..next], (uint)node * Odd, key);
        }
    }

    // Sorts with a hash in place of the key that all of them have.
    private static void Mix(Span<ulong> tied, uint seed, uint key)
    {
        foreach (ref var entry in tied)
            entry = (((uint)entry ^ seed) * (ulong)Odd << 32) | (uint)entry;
        tied.Sort();
        foreach (ref var entry in tied)
            entry = ((ulong)key << 32) | (uint)entry;
    }

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
