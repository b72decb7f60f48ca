using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lanes = System.Numerics.Vector;

namespace Data.Vector.TextSearch;

/// <summary>Scores the documents of segments, term by term, and keeps the best (MaxScore).</summary>
/// <remarks>
/// The scores of a segment lie in one array. Once no document without the terms so far can reach the best, the lists of the remaining
/// terms, which are the longest, are searched for the documents that still can, instead of being read.
/// </remarks>
internal sealed class SegmentScorer
{
    // A shorter list is read in less time than it takes to find out whether it can be skipped.
    private const int MinSkipped = 2_048;

    // Sums of floats are not exact.
    private const float Margin = 1e-4f;

    private readonly float[] _scores = new float[TextSegment.MaxDocuments + Vector<float>.Count];
    private readonly ushort[] _candidates = new ushort[TextSegment.MaxDocuments];
    private readonly TopHits _best = new();
    private readonly ScoreFloor _floor = new();
    private QueryTerm[] _terms = [];
    private float[] _rest = [];
    private Bm25 _bm25;
    private int _top;

    /// <summary>Begins a search.</summary>
    /// <param name="bm25">The measure.</param>
    /// <param name="terms">The terms, the highest weight first.</param>
    /// <param name="top">The highest number of hits.</param>
    public void Start(Bm25 bm25, QueryTerm[] terms, int top)
    {
        (_bm25, _terms, _top) = (bm25, terms, top);
        _best.Start(top);
        if (_rest.Length <= terms.Length)
            _rest = new float[terms.Length + 1];
    }

    /// <summary>Scores the documents of a segment.</summary>
    public void Score<TVisibility>(TextSegment segment, scoped TVisibility visible)
        where TVisibility : ITextVisibility, allows ref struct
    {
        var count = segment.Count;
        if (count == 0 || !Bound(segment, count))
            return;

        var lengths = segment.Lengths;
        Array.Clear(_scores, 0, count);
        var read = 0;
        for (; read < _terms.Length; read++)
        {
            if (!segment.TryGetPostings(_terms[read].Term, count, out var postings))
                continue;

            if (read > 0 && postings.Documents.Length >= MinSkipped && CanSkip(segment, count, read, visible))
                break;

            Accumulate(postings, _terms[read].Weight, lengths);
        }

        if (read == _terms.Length)
        {
            Collect(segment, count, visible);
            return;
        }

        var candidates = _candidates.AsSpan(0, Candidates(count, Needed(read)));
        for (; read < _terms.Length; read++)
        {
            if (segment.TryGetPostings(_terms[read].Term, count, out var postings))
                Complete(postings, _terms[read].Weight, lengths, candidates, Needed(read));
        }

        foreach (var document in candidates)
            Offer(segment, document, visible);
    }

    /// <summary>Returns the best hits in their order.</summary>
    public ReadOnlySpan<TextHit> Sort() => _best.Sort();

    /// <summary>Ends the search.</summary>
    public void Clear() => _best.Clear();

    /// <summary>Computes what the terms from each on can add to a score in this segment; false when that is nothing.</summary>
    private bool Bound(TextSegment segment, int count)
    {
        _rest[_terms.Length] = 0;
        for (var i = _terms.Length - 1; i >= 0; i--)
        {
            _rest[i] = _rest[i + 1];
            if (segment.TryGetPostings(_terms[i].Term, count, out var postings))
                _rest[i] += _bm25.Score(_terms[i].Weight, postings.MaxFrequency, postings.MinLength) * (1 + Margin);
        }

        return _terms.Length > 0 && _rest[0] > _best.Threshold;
    }

    /// <summary>Returns whether documents that have none of the terms so far are not among the best.</summary>
    private bool CanSkip<TVisibility>(TextSegment segment, int count, int read, scoped TVisibility visible)
        where TVisibility : ITextVisibility, allows ref struct
    {
        // No score so far is higher than what the terms before add up to.
        if (_rest[read] > Math.Max(_rest[0] - _rest[read], _best.Threshold))
            return false;

        _floor.Start(_top, _best.Hits);
        if (_rest[read] < _floor.Value)
            return true;

        var slots = segment.Slots;
        var records = segment.Records;
        for (var document = Next(0, count, _floor.Value); document < count; document = Next(document + 1, count, _floor.Value))
        {
            if (Volatile.Read(ref records[document]) is { } record && visible.Sees(slots[document], record))
                _floor.Offer(_scores[document]);
        }

        return _rest[read] < _floor.Value;
    }

    /// <summary>Returns the score that a document must exceed before a term is added, to be among the best.</summary>
    private float Needed(int read) => Math.Max((_floor.Value - _rest[read]) * (1 - Margin), 0);

    private void Accumulate(Postings postings, float weight, ReadOnlySpan<int> lengths)
    {
        var bm25 = _bm25;
        ref var scores = ref MemoryMarshal.GetArrayDataReference(_scores);
        ref var length = ref MemoryMarshal.GetReference(lengths);
        var documents = postings.Documents;
        var frequencies = postings.Frequencies;
        for (var i = 0; i < documents.Length && i < frequencies.Length; i++)
        {
            int document = documents[i];
            Unsafe.Add(ref scores, document) += bm25.Score(weight, frequencies[i], Unsafe.Add(ref length, document));
        }
    }

    /// <summary>Adds a term to the scores of the candidates that can still be among the best.</summary>
    private void Complete(Postings postings, float weight, ReadOnlySpan<int> lengths, ReadOnlySpan<ushort> candidates, float needed)
    {
        var documents = postings.Documents;
        var place = 0;
        foreach (var document in candidates)
        {
            if (_scores[document] <= needed)
                continue;

            place = Seek(documents, place, document);
            if (place == documents.Length)
                return;

            if (documents[place] == document)
                _scores[document] += _bm25.Score(weight, postings.Frequencies[place], lengths[document]);
        }
    }

    /// <summary>Returns the first place, from one on, that has a document or a later one.</summary>
    private static int Seek(ReadOnlySpan<ushort> documents, int place, ushort document)
    {
        var step = 1;
        while (place + step < documents.Length && documents[place + step] < document)
        {
            place += step;
            step *= 2;
        }

        var end = Math.Min(place + step + 1, documents.Length);
        while (place < end)
        {
            var middle = (place + end) / 2;
            if (documents[middle] < document)
                place = middle + 1;
            else
                end = middle;
        }

        return place;
    }

    private int Candidates(int count, float needed)
    {
        var candidates = 0;
        for (var document = Next(0, count, needed); document < count; document = Next(document + 1, count, needed))
            _candidates[candidates++] = (ushort)document;

        return candidates;
    }

    private void Collect<TVisibility>(TextSegment segment, int count, scoped TVisibility visible)
        where TVisibility : ITextVisibility, allows ref struct
    {
        for (var document = Next(0, count, _best.Threshold); document < count; document = Next(document + 1, count, _best.Threshold))
            Offer(segment, document, visible);
    }

    private void Offer<TVisibility>(TextSegment segment, int document, scoped TVisibility visible)
        where TVisibility : ITextVisibility, allows ref struct
    {
        var (score, slot) = (_scores[document], segment.Slots[document]);
        if (score > _best.Threshold && Volatile.Read(ref segment.Records[document]) is { } record && visible.Sees(slot, record))
            _best.Offer(new TextHit(slot, record, score));
    }

    /// <summary>Returns the first document, from one on, whose score exceeds another; zero means that it has none of the terms.</summary>
    private int Next(int document, int count, float score)
    {
        var wanted = new Vector<float>(score);
        for (; document < count; document += Vector<float>.Count)
        {
            // The array is longer than the segment by one vector.
            if (!Lanes.GreaterThanAny(Lanes.LoadUnsafe(ref _scores[document]), wanted))
                continue;

            for (var end = Math.Min(document + Vector<float>.Count, count); document < end; document++)
            {
                if (_scores[document] > score)
                    return document;
            }

            document -= Vector<float>.Count;
        }

        return count;
    }
}
