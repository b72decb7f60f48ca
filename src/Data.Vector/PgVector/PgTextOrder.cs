using System.Text;

namespace Data.Vector.PgVector;

/// <summary>The order of texts by UTF-16 units, which filters mean, in a database that orders them by code points.</summary>
/// <remarks>
/// The two differ where a character beyond U+FFFF meets one from U+E000 on. A mark before the former, U+D7FF, puts them in the other
/// order, and a mark before the mark itself keeps its place.
/// </remarks>
internal static class PgTextOrder
{
    private const char Mark = '\uD7FF';

    /// <summary>Whether the two orders can differ for an operand.</summary>
    public static bool Differs(string operand) => operand.AsSpan().ContainsAnyInRange('\uD800', char.MaxValue);

    /// <summary>Returns the SQL for a text with marks.</summary>
    public static string Marked(string expression) =>
        $@"regexp_replace({expression}, '([\u{(int)Mark:X4}\U00010000-\U0010FFFF])', '{Mark}\1', 'g')";

    /// <summary>Returns the operand with marks.</summary>
    public static string MarkedOperand(string operand)
    {
        var marked = new StringBuilder(operand.Length);
        foreach (var rune in operand.EnumerateRunes())
        {
            if (!rune.IsBmp || rune.Value == Mark)
                marked.Append(Mark);

            marked.Append(rune.ToString());
        }

        return marked.ToString();
    }
}
