using System.Buffers;
using System.Numerics;
using Data.Vector.KeyIndexes;

namespace Data.Vector.TextSearch;

/// <summary>The slots whose texts have all of some words.</summary>
internal static class WordMatches
{
    private const int Words = TextSegment.MaxDocuments / 64;

    public static void Collect(TextIndex index, ReadOnlySpan<string> terms, SlotBitmap into)
    {
        // Before the terms: see Vocabulary.
        var segments = index.Segments;
        var numbers = new int[terms.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = index.Vocabulary.Find(terms[i]);
            if (numbers[i] < 0)
                return;
        }

        var having = ArrayPool<ulong>.Shared.Rent(Words);
        var all = ArrayPool<ulong>.Shared.Rent(Words);
        foreach (var segment in segments)
            Collect(segment, numbers, having, all, into);

        ArrayPool<ulong>.Shared.Return(having);
        ArrayPool<ulong>.Shared.Return(all);
    }

    private static void Collect(TextSegment segment, int[] terms, ulong[] having, ulong[] all, SlotBitmap into)
    {
        var count = segment.Count;
        Array.Fill(all, ulong.MaxValue, 0, Words);
        foreach (var term in terms)
        {
            if (!segment.TryGetPostings(term, count, out var postings))
                return;

            Array.Clear(having, 0, Words);
            foreach (var document in postings.Documents)
                having[document >> 6] |= 1UL << document;

            for (var i = 0; i < Words; i++)
                all[i] &= having[i];
        }

        var slots = segment.Slots;
        var records = segment.Records;
        for (var i = 0; i < Words; i++)
        {
            for (var rest = all[i]; rest != 0; rest &= rest - 1)
            {
                var document = (i << 6) + BitOperations.TrailingZeroCount(rest);
                if (Volatile.Read(ref records[document]) is not null)
                    into.Set(slots[document]);
            }
        }
    }
}
