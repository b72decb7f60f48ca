using System.Net;

namespace Data.Health.Endpoints;

/// <summary>
/// Decides which values of a check's data may leave the process. Numbers, truth values and times may; texts only when they are short words
/// that cannot be an address, a connection string or a sentence from an exception.
/// </summary>
internal static class SafeValue
{
    private const int MaxLength = 64;

    public static bool IsSafe(string key, object? value) =>
        !string.Equals(key, Evaluation.HealthReasons.DataKey, StringComparison.Ordinal) && value switch
        {
            null => false,
            bool or byte or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal => true,
            TimeSpan or DateTime or DateTimeOffset or DateOnly => true,
            Enum => true,
            string text => IsWord(text),
            Version => true,
            _ => false,
        };

    private static bool IsWord(string text)
    {
        if (text.Length is 0 or > MaxLength || text.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.' or '+'))
                return false;
        }

        // A dot is fine in a version, which starts with a digit; 10.0.0.7 and db.internal are addresses.
        return !text.Contains('.', StringComparison.Ordinal) || (char.IsAsciiDigit(text[0]) && !IsAddress(text));
    }

    private static bool IsAddress(string text) => text.Count(c => c == '.') == 3 && IPAddress.TryParse(text, out _);
}
