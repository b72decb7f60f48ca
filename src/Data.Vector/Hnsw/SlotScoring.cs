using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Data.Vector.Hnsw;

/// <summary>Scores many slots in order while the rows of the next ones are prefetched.</summary>
internal static unsafe class SlotScoring
{
    // Measured on a Zen 3 with rows of 512 bytes: 1.5 to 3 KB ahead are equally fast, 5 KB is 10 % slower, a whole list 20 %. With rows of
    // 128 bytes anything from 1 KB is equally fast.
    private const int BytesAhead = 2048;

    // Keys are written in fours.
    private const int Step = 4;

    /// <summary>Writes the key of each slot.</summary>
    /// <remarks>No branch depends on a key: the processor continues with the next slots while a row is being loaded.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Score<TScorer>(TScorer scorer, int* slots, int count, uint* keys)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        var ahead = Math.Max(Step, BytesAhead / scorer.RowBytes);
        var fetched = Math.Min(ahead, count);
        for (var i = 0; i < fetched; i++)
            scorer.Prefetch(slots[i]);
        var scored = 0;
        for (; scored <= count - Step; scored += Step)
        {
            for (var end = Math.Min(fetched + Step, count); fetched < end; fetched++)
                scorer.Prefetch(slots[fetched]);
            scorer.ScoreFour(slots + scored).Store(keys + scored);
        }

        for (; scored < count; scored++)
            keys[scored] = scorer.Score(slots[scored]);
    }
}
