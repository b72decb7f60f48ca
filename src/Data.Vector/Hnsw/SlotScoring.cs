using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Data.Vector.Hnsw;

/// <summary>Scores many slots one after the other, with the rows of the next ones on their way from memory.</summary>
internal static unsafe class SlotScoring
{
    // A core has some two dozen lines under way at a time; what is asked for beyond waits in front of what is needed sooner.
    private const int BytesAhead = 2048;

    // Keys are written in fours.
    private const int Step = 4;

    /// <summary>Writes the key of each slot.</summary>
    /// <remarks>No branch depends on a key: the processor runs on into the next slots while a row is still on its way.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Score<TScorer>(TScorer scorer, int* slots, int count, uint* keys)
        where TScorer : struct, ISlotScorer<TScorer>
    {
        var ahead = Math.Max(Step, BytesAhead / scorer.RowBytes);
        var fetched = Math.Min(ahead, count);
        for (var i = 0; i < fetched; i++) scorer.Prefetch(slots[i]);
        var scored = 0;
        for (; scored <= count - Step; scored += Step)
        {
            for (var end = Math.Min(fetched + Step, count); fetched < end; fetched++) scorer.Prefetch(slots[fetched]);
            scorer.ScoreFour(slots + scored).Store(keys + scored);
        }

        for (; scored < count; scored++) keys[scored] = scorer.Score(slots[scored]);
    }
}
