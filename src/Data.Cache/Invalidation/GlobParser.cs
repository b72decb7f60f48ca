using System.Text;

namespace Data.Cache.Invalidation;

/// <summary>
/// Reads the glob dialect of Redis: <c>*</c>, <c>?</c>, <c>[abc]</c>, <c>[a-z]</c>, <c>[^a]</c>, and <c>\</c> before any character taken
/// literally.
/// </summary>
internal static class GlobParser
{
    public static List<GlobToken> Parse(string glob)
    {
        var tokens = new List<GlobToken>(glob.Length);
        var runes = glob.EnumerateRunes().ToArray();
        for (var i = 0; i < runes.Length;)
            tokens.Add(Next(runes, ref i, glob));
        return tokens;
    }

    public static IEnumerable<GlobToken> Literals(string literal)
    {
        foreach (var rune in literal.EnumerateRunes())
            yield return new GlobToken(GlobTokenKind.Literal, rune);
    }

    private static GlobToken Next(Rune[] runes, ref int i, string glob)
    {
        var rune = runes[i++];
        switch (rune.Value)
        {
            case '*':
                while (i < runes.Length && runes[i].Value == '*')
                    i++;
                return GlobToken.AnyRun;
            case '?':
                return GlobToken.AnyOne;
            case '[':
                return Set(runes, ref i, glob);
            case '\\' when i < runes.Length:
                return new GlobToken(GlobTokenKind.Literal, runes[i++]);
            case '\\':
                throw new FormatException($"The pattern '{glob}' ends in a lone backslash; write '\\\\' for a backslash.");
            default:
                return new GlobToken(GlobTokenKind.Literal, rune);
        }
    }

    private static GlobToken Set(Rune[] runes, ref int i, string glob)
    {
        var negated = i < runes.Length && runes[i].Value == '^';
        if (negated)
            i++;
        var ranges = new List<(Rune, Rune)>();
        while (i < runes.Length && runes[i].Value != ']')
        {
            var low = Member(runes, ref i);
            if (i + 1 < runes.Length && runes[i].Value == '-' && runes[i + 1].Value != ']')
            {
                i++;
                var high = Member(runes, ref i);
                ranges.Add(low <= high ? (low, high) : (high, low));
            }
            else
            {
                ranges.Add((low, low));
            }
        }

        if (i >= runes.Length)
            throw new FormatException($"The pattern '{glob}' has a '[' without its ']'; write '\\[' for a bracket.");
        i++;
        return new GlobToken(GlobTokenKind.Set, Negated: negated, Ranges: [.. ranges]);
    }

    private static Rune Member(Rune[] runes, ref int i)
    {
        if (runes[i].Value == '\\' && i + 1 < runes.Length)
            i++;
        return runes[i++];
    }
}
