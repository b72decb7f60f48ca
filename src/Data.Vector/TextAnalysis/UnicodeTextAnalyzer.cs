using System.Text;
using Data.Vector.TextAnalysis;

namespace Data.Vector;

/// <summary>Takes texts apart at Unicode word boundaries, and folds case and diacritics. It knows no language.</summary>
/// <remarks>
/// <para>
/// Words are those of Unicode Standard Annex #29: runs of letters and digits, with apostrophes and dots between letters
/// (<c>don't</c>, <c>example.com</c>), commas and dots between digits (<c>3.14</c>), and underscores (<c>snake_case</c>). Other
/// punctuation, hyphens included, separates words; punctuation, symbols and emoji are no terms. Ideographs, Hiragana and the letters of
/// Thai, Lao, Khmer and Myanmar, which are written without spaces, are one term each, together with the marks that follow them.
/// </para>
/// <para>
/// Terms are in lower case. Latin, Greek and Cyrillic letters have no diacritics (<c>Café</c> is <c>cafe</c>), whether these are part of
/// the letter or follow it; <c>ß</c> is <c>ss</c> and <c>æ</c> is <c>ae</c>; full-width letters and digits are ordinary ones. The marks of
/// other scripts remain. A word of more than 255 characters is cut off there.
/// </para>
/// <para>Safe for concurrent use; does not allocate.</para>
/// </remarks>
public sealed class UnicodeTextAnalyzer : ITextAnalyzer
{
    /// <summary>The highest number of characters in a term.</summary>
    public const int MaxTermLength = 255;

    private UnicodeTextAnalyzer()
    {
    }

    /// <summary>The analyzer.</summary>
    public static UnicodeTextAnalyzer Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "unicode-1";

    /// <inheritdoc/>
    public void Analyze(ReadOnlySpan<char> text, TextTokens tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        Span<char> term = stackalloc char[MaxTermLength + LetterFolding.MaxExpansion];
        var position = 0;
        while (WordBreaks.TryNext(text, position, out var start, out var end))
        {
            tokens.Add(term[..Fold(text[start..end], term)], start, end - start);
            position = end;
        }
    }

    private static int Fold(ReadOnlySpan<char> word, Span<char> term)
    {
        var length = 0;
        for (var i = 0; i < word.Length && length < MaxTermLength;)
        {
            var c = word[i];
            if (c < 128)
            {
                term[length++] = c is >= 'A' and <= 'Z' ? (char)(c | 0x20) : c;
                i++;
                continue;
            }

            Rune.DecodeFromUtf16(word[i..], out var rune, out var consumed);
            var folded = LetterFolding.Fold(rune, term[length..]);

            // What does not fit as a whole is left out: half a surrogate pair is no text.
            if (length + folded > MaxTermLength)
                break;

            length += folded;
            i += consumed;
        }

        return length;
    }
}
