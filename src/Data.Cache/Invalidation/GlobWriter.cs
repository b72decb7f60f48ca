using System.Text;

namespace Data.Cache.Invalidation;

/// <summary>Writes glob tokens as text: exactly, or as the superset that Redis can match byte by byte.</summary>
internal static class GlobWriter
{
    public static string Write(ReadOnlySpan<GlobToken> tokens)
    {
        var text = new StringBuilder();
        foreach (var token in tokens)
            Append(text, token);
        return text.ToString();
    }

    /// <summary>
    /// Redis matches bytes, a pattern matches characters: <c>?</c> must cover a character of several bytes, and a set may name one.
    /// Such tokens become a star, and the caller matches what comes back once more by itself.
    /// </summary>
    public static string WriteForRedis(ReadOnlySpan<GlobToken> tokens)
    {
        var text = new StringBuilder();
        var afterStar = false;
        foreach (var token in tokens)
        {
            var star = token.Kind is GlobTokenKind.AnyRun or GlobTokenKind.AnyOne or GlobTokenKind.Set && !IsAsciiSet(token);
            if (!star)
                Append(text, token);
            else if (!afterStar)
                text.Append('*');
            afterStar = star;
        }

        return text.ToString();
    }

    private static bool IsAsciiSet(GlobToken token) =>
        token is { Kind: GlobTokenKind.Set, Negated: false } && token.Ranges!.Length > 0
            && Array.TrueForAll(token.Ranges, static range => range.High.IsAscii);

    private static void Append(StringBuilder text, GlobToken token)
    {
        switch (token.Kind)
        {
            case GlobTokenKind.AnyRun:
                text.Append('*');
                break;
            case GlobTokenKind.AnyOne:
                text.Append('?');
                break;
            case GlobTokenKind.Literal:
                AppendRune(text, token.Literal, "*?[]\\");
                break;
            default:
                AppendSet(text, token);
                break;
        }
    }

    private static void AppendSet(StringBuilder text, GlobToken token)
    {
        text.Append(token.Negated ? "[^" : "[");
        foreach (var (low, high) in token.Ranges!)
        {
            AppendRune(text, low, "]\\^-");
            if (high == low)
                continue;
            text.Append('-');
            AppendRune(text, high, "]\\^-");
        }

        text.Append(']');
    }

    private static void AppendRune(StringBuilder text, Rune rune, string special)
    {
        if (rune.IsAscii && special.Contains((char)rune.Value, StringComparison.Ordinal))
            text.Append('\\');
        text.Append(rune.ToString());
    }
}
