namespace Data.Vector.TextAnalysis;

/// <summary>Finds the words of a text by the default rules of Unicode Standard Annex #29 (WB4 to WB13b).</summary>
internal static class WordBreaks
{
    /// <summary>Finds the next word, a run between two boundaries that has a letter, a digit or an ideograph.</summary>
    /// <param name="text">The text.</param>
    /// <param name="position">Where to begin.</param>
    /// <param name="start">Where the word begins.</param>
    /// <param name="end">Where the word ends, exclusive.</param>
    /// <returns>False when there is none.</returns>
    public static bool TryNext(ReadOnlySpan<char> text, int position, out int start, out int end)
    {
        while (position < text.Length)
        {
            var first = WordClasses.At(text, position, out var length);
            start = position;
            position += length;
            if (!IsWord(first) && first != WordClass.Connector)
                continue;

            position = SkipExtend(text, position);
            if (first != WordClass.Single)
                position = End(text, position, first, out first);

            if (IsWord(first))
            {
                end = position;
                return true;
            }
        }

        start = end = text.Length;
        return false;
    }

    private static bool IsWord(WordClass value) => value is >= WordClass.Letter and <= WordClass.Single;

    private static bool IsLetter(WordClass value) => value is WordClass.Letter or WordClass.Hebrew;

    private static bool IsLetterOrDigit(WordClass value) => value is WordClass.Letter or WordClass.Hebrew or WordClass.Digit;

    /// <summary>Returns where the run that is at a position ends.</summary>
    /// <param name="text">The text.</param>
    /// <param name="position">Behind the first character.</param>
    /// <param name="last">The class of the first character.</param>
    /// <param name="kind">A class that is part of words, if the run has one.</param>
    private static int End(ReadOnlySpan<char> text, int position, WordClass last, out WordClass kind)
    {
        kind = last;
        while (position < text.Length)
        {
            var next = WordClasses.At(text, position, out var length);
            var after = SkipExtend(text, position + length);
            if (Joins(last, next))
            {
                last = next;
            }
            else if (JoinsAcross(last, next) && after < text.Length
                && WordClasses.At(text, after, out length) is var beyond && JoinsAcross(last, next, beyond))
            {
                last = beyond;
                after = SkipExtend(text, after + length);
            }
            else
            {
                return position;
            }

            if (IsWord(last))
                kind = last;

            position = after;
        }

        return position;
    }

    // WB5, WB8 to WB10, WB13 to WB13b.
    private static bool Joins(WordClass last, WordClass next) =>
        (IsLetterOrDigit(last) && IsLetterOrDigit(next))
        || (last == WordClass.Katakana && next == WordClass.Katakana)
        || (next == WordClass.Connector && last is not WordClass.Single)
        || (last == WordClass.Connector && (IsLetterOrDigit(next) || next == WordClass.Katakana));

    // WB6, WB7, WB7b, WB7c, WB11, WB12: what stands between, first without and then with what follows it.
    private static bool JoinsAcross(WordClass last, WordClass between) =>
        between is WordClass.MidAny or WordClass.MidLetter or WordClass.MidNumber or WordClass.DoubleQuote && IsLetterOrDigit(last);

    private static bool JoinsAcross(WordClass last, WordClass between, WordClass next) => between switch
    {
        WordClass.MidAny => (IsLetter(last) && IsLetter(next)) || (last == WordClass.Digit && next == WordClass.Digit),
        WordClass.MidLetter => IsLetter(last) && IsLetter(next),
        WordClass.MidNumber => last == WordClass.Digit && next == WordClass.Digit,
        _ => last == WordClass.Hebrew && next == WordClass.Hebrew,
    };

    private static int SkipExtend(ReadOnlySpan<char> text, int position)
    {
        while (position < text.Length && text[position] >= 128
            && WordClasses.At(text, position, out var length) == WordClass.Extend)
        {
            position += length;
        }

        return position;
    }
}
