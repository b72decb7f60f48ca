using System.Buffers.Text;

namespace ConfigurationService.Http;

/// <summary>
/// Which numbers a body may have. Seven characters such as <c>1e99999</c> become a hundred thousand digits in the database, and one that
/// no client can read: what counts is the number written out.
/// </summary>
internal static class JsonNumber
{
    private const int MaxDigits = 40;

    public const string Rule =
        "A number must have at most 40 digits, written without an exponent, and be between -79228162514264337593543950335 and "
        + "79228162514264337593543950335.";

    /// <summary>Whether a well-formed number may be kept.</summary>
    public static bool IsAllowed(ReadOnlySpan<byte> number)
    {
        var digits = number[0] == (byte)'-' ? number[1..] : number;
        var exponent = 0;
        if (digits.IndexOfAny((byte)'e', (byte)'E') is >= 0 and var at)
        {
            var text = digits[(at + 1)..];
            text = text[0] == (byte)'+' ? text[1..] : text;
            if (!Utf8Parser.TryParse(text, out exponent, out _) || Math.Abs((long)exponent) > MaxDigits)
                return false;
            digits = digits[..at];
        }

        var point = digits.IndexOf((byte)'.');
        var (whole, fraction) = point < 0 ? (digits.Length, 0) : (point, digits.Length - point - 1);
        return Math.Max(whole + exponent, 1) + Math.Max(fraction - exponent, 0) <= MaxDigits
            && decimal.TryParse(
                number, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out _);
    }
}
