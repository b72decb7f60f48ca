namespace Data.Vector.Filters;

/// <summary>Words that the document has, as <see cref="UnicodeTextAnalyzer"/> finds them.</summary>
internal sealed class WordFilter : VectorFilter
{
    public WordFilter(string words)
    {
        ArgumentNullException.ThrowIfNull(words);
        var tokens = new TextTokens();
        UnicodeTextAnalyzer.Instance.Analyze(words, tokens);
        Terms = [.. Enumerable.Range(0, tokens.Count).Select(i => tokens[i].Term.ToString()).Distinct(StringComparer.Ordinal)];
        if (Terms.Length == 0)
            throw new VectorInputException($"The filter needs at least one word; '{words}' has none.");
    }

    /// <summary>The words, each once, folded.</summary>
    public string[] Terms { get; }

    internal override bool Matches(VectorMetadata metadata, string? document)
    {
        if (string.IsNullOrEmpty(document))
            return false;

        var tokens = new TextTokens();
        UnicodeTextAnalyzer.Instance.Analyze(document, tokens);
        foreach (var term in Terms)
        {
            if (!Has(tokens, term))
                return false;
        }

        return true;
    }

    public override string ToString() => $"(document) ContainsWords {string.Join(' ', Terms)}";

    private static bool Has(TextTokens tokens, string term)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].Term.SequenceEqual(term))
                return true;
        }

        return false;
    }
}
