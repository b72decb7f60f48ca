namespace Data.Vector;

/// <summary>Takes a text apart into the terms that a text index holds and that hybrid searches look for.</summary>
/// <remarks>
/// Used by many threads at once, and must not throw. The same text always gives the same terms. <see cref="UnicodeTextAnalyzer"/> is the
/// default; another one, for example with stop words or stemming, can use it and change the terms.
/// </remarks>
public interface ITextAnalyzer
{
    /// <summary>Name and version of the analyzer, 1 to 100 characters; change it whenever the terms of a text change.</summary>
    /// <remarks>It is kept with the index: a collection that is opened with an analyzer of another name rebuilds its index.</remarks>
    string Name { get; }

    /// <summary>Adds the terms of a text, in their order.</summary>
    /// <param name="text">The text.</param>
    /// <param name="tokens">Receives the terms.</param>
    void Analyze(ReadOnlySpan<char> text, TextTokens tokens);
}
