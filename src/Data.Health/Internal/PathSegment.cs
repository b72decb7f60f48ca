using System.Text;

namespace Data.Health.Internal;

/// <summary>Derives the last segment of a contributor's path from its name, which may be any text.</summary>
internal static class PathSegment
{
    /// <summary>
    /// The name itself if it needs no escaping, otherwise with a hyphen for each run of other characters; "-check" or a number is appended
    /// if the result is taken.
    /// </summary>
    public static string Of(string name, Func<string, bool> isReserved, Func<string, bool> isTaken)
    {
        var segment = Escape(name);
        if (isReserved(segment))
            segment += "-check";
        for (var (candidate, number) = (segment, 2); ; candidate = $"{segment}-{number++}")
        {
            if (!isTaken(candidate))
                return candidate;
        }
    }

    /// <summary>Whether a text can stand in a path as it is.</summary>
    public static bool IsPlain(string text) =>
        text.Length > 0 && text is not ("." or "..") && text.All(IsUnreserved);

    private static string Escape(string name)
    {
        if (IsPlain(name))
            return name;
        var text = new StringBuilder();
        foreach (var c in name)
        {
            if (IsUnreserved(c))
                text.Append(c);
            else if (text.Length > 0 && text[^1] != '-')
                text.Append('-');
        }

        var segment = text.ToString().Trim('-', '.');
        return segment.Length == 0 ? "check" : segment;
    }

    /// <summary>RFC 3986, section 2.3.</summary>
    private static bool IsUnreserved(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~';
}
