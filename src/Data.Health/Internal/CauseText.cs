using System.Text;
using System.Text.RegularExpressions;

namespace Data.Health.Internal;

/// <summary>
/// Tells operators, in the log, why a check failed: the types and messages of an exception and its inner ones, without what looks like a
/// secret. Responses never contain it.
/// </summary>
internal static partial class CauseText
{
    private const int MaxLength = 1000;
    private const int MaxDepth = 5;
    private const string Mask = "***";

    private const string SecretName =
        @"[\w.-]*(?:passw(?:or)?d|passphrase|pwd|secret|token|credential|signature|authorization|cookie"
        + @"|(?:api|access|account|private|shared|encryption)[ _-]?key|(?<![a-z])key)[\w.-]*";

    private const string Value = """(?:"[^"]*"|'[^']*'|(?<==\s*)[^;&\r\n"']+|[^\s;,&"']+)""";

    /// <summary>The cause, or "no further information".</summary>
    public static string Of(Exception? exception, string? description)
    {
        if (exception is null)
            return string.IsNullOrWhiteSpace(description) ? "no further information" : Redact(description);
        var text = new StringBuilder();
        for (var (e, depth) = (exception, 0); e is not null && depth < MaxDepth; e = e.InnerException, depth++)
            text.Append(depth == 0 ? "" : " ---> ").Append(e.GetType().Name).Append(": ").Append(e.Message);
        return Redact(text.ToString());
    }

    /// <summary>Masks secrets in a text and makes one line of it.</summary>
    public static string Redact(string text)
    {
        // Cut generously first, so that a message of megabytes costs little; the end is cut after masking, or half a secret might stay.
        var line = text.Length > 4 * MaxLength ? text[..(4 * MaxLength)] : text;
        line = Credentials().Replace(line, "://" + Mask + "@");
        line = Scheme().Replace(line, "$1 " + Mask);
        line = Assignment().Replace(line, "$1" + Mask);
        line = KeyShaped().Replace(line, Mask);
        line = Control().Replace(line, " ");
        return line.Length > MaxLength ? line[..MaxLength] + "…" : line;
    }

    [GeneratedRegex("""://[^\s/"'<>]*@""", RegexOptions.CultureInvariant)]
    private static partial Regex Credentials();

    [GeneratedRegex("""\b(Bearer|Basic|Digest)\s+[^\s"',;]+""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Scheme();

    // A name that speaks of a secret, then = or :, then a quoted value, or after = the rest of the field, which may contain spaces.
    [GeneratedRegex(
        "(" + SecretName + """["']?\s*(?:=|:(?!//))\s*)""" + Value, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Assignment();

    // Twenty letters and digits in a row, or thirty-two with dashes between, are no words: letters and digits must both be there.
    [GeneratedRegex(
        """(?<![\w+=-])(?=[A-Za-z_+=-]*[0-9])(?=[0-9_+=-]*[A-Za-z])(?:[A-Za-z0-9_+=]{20,}|[A-Za-z0-9_+=-]{32,})(?![\w+=-])""",
        RegexOptions.CultureInvariant)]
    private static partial Regex KeyShaped();

    [GeneratedRegex("""[\p{Cc}\u2028\u2029]+""", RegexOptions.CultureInvariant)]
    private static partial Regex Control();
}
