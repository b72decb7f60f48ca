namespace Data.Vector.TextSearch;

/// <summary>Searches of a text index. Takes no lock; the buffers are pooled.</summary>
/// <param name="index">The index.</param>
internal sealed class TextSearcher(TextIndex index)
{
    /// <summary>Finds the records whose texts score best for the words of a text.</summary>
    /// <param name="text">The words.</param>
    /// <param name="visible">The records that may be returned.</param>
    /// <param name="hits">
    /// Receives the hits, the best first, equal scores in ordinal order of their ids; its length is the highest number of hits. Where
    /// more texts share the last score than there is room for, it is not said which of them are received.
    /// </param>
    /// <param name="cancellationToken">Cancels the search between its steps.</param>
    /// <returns>The number of hits.</returns>
    public int Search<TVisibility>(
        string text, scoped TVisibility visible, Span<TextHit> hits, CancellationToken cancellationToken)
        where TVisibility : ITextVisibility, allows ref struct
    {
        // Before the terms: see Vocabulary.
        var segments = index.Segments;
        var words = AnalyzedText.Rent();
        words.Read(index.Analyzer, text);
        words.Resolve(index.Vocabulary, add: false);
        var bm25 = new Bm25(index.Count, index.Length);
        var terms = new QueryTerm[words.Terms.Length];
        for (var i = 0; i < terms.Length; i++)
        {
            var (term, count) = words.Terms[i];
            terms[i] = new QueryTerm(term, bm25.Weight(index.Vocabulary.Documents(term), count));
        }

        words.Return();

        // The rarest first: they raise the score that others must reach.
        terms.AsSpan().Sort(static (left, right) => right.Weight.CompareTo(left.Weight) is var order and not 0
            ? order
            : left.Term.CompareTo(right.Term));
        var scorer = ScorerPool.Rent();
        try
        {
            scorer.Start(bm25, terms, hits.Length);
            foreach (var segment in segments)
            {
                cancellationToken.ThrowIfCancellationRequested();
                scorer.Score(segment, visible);
            }

            var best = scorer.Sort();
            best.CopyTo(hits);
            return best.Length;
        }
        finally
        {
            scorer.Clear();
            ScorerPool.Return(scorer);
        }
    }
}
