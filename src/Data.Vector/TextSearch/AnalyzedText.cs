namespace Data.Vector.TextSearch;

/// <summary>A text taken apart: each of its terms once, with its frequency. The buffers are used again.</summary>
/// <remarks>Not safe for concurrent use; <see cref="Rent"/> gives each thread its own.</remarks>
internal sealed class AnalyzedText
{
    // What a single long text needed is not kept.
    private const int MostKept = 1 << 16;

    [ThreadStatic]
    private static AnalyzedText? _spare;

    private TextTokens _tokens = new();
    private int[] _numbers = new int[64];
    private TermCount[] _terms = new TermCount[64];
    private int _count;

    /// <summary>The number of terms, repeated ones included.</summary>
    public int Length => _tokens.Count;

    /// <summary>The terms after <see cref="Resolve"/>.</summary>
    public ReadOnlySpan<TermCount> Terms => _terms.AsSpan(0, _count);

    public static AnalyzedText Rent()
    {
        var text = _spare ?? new AnalyzedText();
        _spare = null;
        return text;
    }

    public void Return()
    {
        if (_tokens.Count > MostKept)
            (_tokens, _numbers, _terms) = (new TextTokens(), new int[64], new TermCount[64]);

        _spare = this;
    }

    public void Read(ITextAnalyzer analyzer, string text)
    {
        Clear();
        analyzer.Analyze(text, _tokens);
    }

    public void Clear() => _tokens.Clear();

    /// <summary>Finds the numbers of the terms, which a caller without the lock of the index may do.</summary>
    public void Find(Vocabulary vocabulary)
    {
        if (_numbers.Length < Length)
            _numbers = new int[Math.Max(Length, 2 * _numbers.Length)];

        for (var i = 0; i < Length; i++)
            _numbers[i] = vocabulary.Find(_tokens[i].Term);
    }

    /// <summary>Finds the numbers of the terms, adds those that are new when asked to, and counts frequencies.</summary>
    public void Resolve(Vocabulary vocabulary, bool add)
    {
        Find(vocabulary);
        if (add)
        {
            for (var i = 0; i < Length; i++)
            {
                if (_numbers[i] < 0)
                    _numbers[i] = vocabulary.FindOrAdd(_tokens[i].Term);
            }
        }

        var numbers = _numbers.AsSpan(0, Length);
        numbers.Sort();
        if (_terms.Length < Length)
            _terms = new TermCount[_numbers.Length];

        _count = 0;
        foreach (var number in numbers)
        {
            if (number < 0)
                continue;

            if (_count > 0 && _terms[_count - 1].Term == number)
                _terms[_count - 1] = new TermCount(number, _terms[_count - 1].Count + 1);
            else
                _terms[_count++] = new TermCount(number, 1);
        }
    }
}
