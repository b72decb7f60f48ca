using System.Globalization;
using System.Text;

namespace Data.Vector.TextAnalysis;

/// <summary>Classifies characters by the word boundaries of Unicode Standard Annex #29.</summary>
/// <remarks>
/// From the general categories that the platform knows, and the blocks of the scripts that the annex names. The colon is no part of words,
/// as in CLDR's root locale.
/// </remarks>
internal static class WordClasses
{
    private static readonly WordClass[] Ascii = [.. Enumerable.Range(0, 128).Select(static c => OfAscii((char)c))];

    /// <summary>Returns the class of the character at a position, and its length.</summary>
    public static WordClass At(ReadOnlySpan<char> text, int position, out int length)
    {
        var first = text[position];
        length = 1;
        if (first < 128)
            return Ascii[first];

        return Rune.DecodeFromUtf16(text[position..], out var rune, out length) == System.Buffers.OperationStatus.Done
            ? Of(rune)
            : WordClass.Other;
    }

    private static WordClass OfAscii(char c) => c switch
    {
        >= '0' and <= '9' => WordClass.Digit,
        (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') => WordClass.Letter,
        '_' => WordClass.Connector,
        '\'' or '.' => WordClass.MidAny,
        ',' or ';' => WordClass.MidNumber,
        '"' => WordClass.DoubleQuote,
        _ => WordClass.Other,
    };

    private static WordClass Of(Rune rune)
    {
        switch (Rune.GetUnicodeCategory(rune))
        {
            case UnicodeCategory.UppercaseLetter:
            case UnicodeCategory.LowercaseLetter:
            case UnicodeCategory.TitlecaseLetter:
            case UnicodeCategory.ModifierLetter:
            case UnicodeCategory.OtherLetter:
            case UnicodeCategory.LetterNumber:
                return OfLetter(rune.Value);
            case UnicodeCategory.DecimalDigitNumber:
                return WordClass.Digit;
            case UnicodeCategory.NonSpacingMark:
            case UnicodeCategory.SpacingCombiningMark:
            case UnicodeCategory.EnclosingMark:
                return WordClass.Extend;
            case UnicodeCategory.Format:
                // A zero width space separates.
                return rune.Value == 0x200B ? WordClass.Other : WordClass.Extend;
            case UnicodeCategory.ConnectorPunctuation:
                return WordClass.Connector;
            default:
                return OfPunctuation(rune.Value);
        }
    }

    private static WordClass OfLetter(int value) => value switch
    {
        (>= 0x5D0 and <= 0x5F2) or (>= 0xFB1D and <= 0xFB4F) => WordClass.Hebrew,
        (>= 0x3031 and <= 0x3035) or (>= 0x30A1 and <= 0x30FA) or (>= 0x30FC and <= 0x30FF) or (>= 0x31F0 and <= 0x31FF)
            or (>= 0xFF66 and <= 0xFF9D) => WordClass.Katakana,

        // Han and Hiragana.
        (>= 0x3005 and <= 0x3007) or (>= 0x3021 and <= 0x3029) or (>= 0x3041 and <= 0x309F) or (>= 0x3400 and <= 0x4DBF)
            or (>= 0x4E00 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x1B000 and <= 0x1B16F)
            or (>= 0x20000 and <= 0x3FFFF) => WordClass.Single,

        // Thai, Lao, Myanmar, Khmer, Tai scripts, Ahom.
        (>= 0xE01 and <= 0xEDF) or (>= 0x1000 and <= 0x109F) or (>= 0x1780 and <= 0x17D3) or 0x17D7 or 0x17DC
            or (>= 0x1950 and <= 0x19DF) or (>= 0x1A20 and <= 0x1AAF) or (>= 0xA9E0 and <= 0xA9FE)
            or (>= 0xAA60 and <= 0xAADF) or (>= 0x11700 and <= 0x11746) => WordClass.Single,
        _ => WordClass.Letter,
    };

    private static WordClass OfPunctuation(int value) => value switch
    {
        0xB7 or 0x387 or 0x55F or 0x5F4 or 0x2027 => WordClass.MidLetter,
        0x2018 or 0x2019 or 0x2024 or 0xFE52 or 0xFF07 or 0xFF0E => WordClass.MidAny,
        0x37E or 0x589 or 0x60C or 0x60D or 0x66C or 0x7F8 or 0x2044 or 0xFE10 or 0xFE14 or 0xFE50 or 0xFE54 or 0xFF0C or 0xFF1B =>
            WordClass.MidNumber,
        _ => WordClass.Other,
    };
}
