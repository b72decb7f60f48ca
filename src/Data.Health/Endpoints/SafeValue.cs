using System.Net;

namespace Data.Health.Endpoints;

/// <summary>
/// Decides which values of a check's data may leave the process. Numbers, truth values and times may; texts only when they are short words
/// that cannot be an address, a key, a connection string or a sentence from an exception. The name of the value has to be a word too.
/// </summary>
internal static class SafeValue
{
    private const int MaxKeyLength = 40;
    private const int MaxLength = 32;

    // A host is a word like any other: only its name gives it away.
    private static readonly string[] Telling =
    [
        "host", "server", "address", "endpoint", "url", "uri", "user", "login", "account", "password", "pwd", "secret", "token", "key",
        "credential", "connection", "database", "node", "machine", "ip",
    ];

    public static bool IsSafe(string key, object? value) =>
        !string.Equals(key, Evaluation.HealthReasons.DataKey, StringComparison.Ordinal) && IsName(key) && value switch
        {
            null => false,
            bool or byte or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal => true,
            TimeSpan or DateTime or DateTimeOffset or DateOnly => true,
            Enum => true,
            string text => IsWord(text) && !Tells(key),
            Version => true,
            _ => false,
        };

    private static bool IsName(string key) =>
        key.Length is > 0 and <= MaxKeyLength && char.IsAsciiLetter(key[0])
        && key.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or ' ') && !IsKeyShaped(key);

    private static bool Tells(string key)
    {
        foreach (var word in Telling)
        {
            if (key.Contains(word, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    private static bool IsWord(string text)
    {
        if (text.Length is 0 or > MaxLength || text.Equals("localhost", StringComparison.OrdinalIgnoreCase) || IsKeyShaped(text))
            return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.' or '+'))
                return false;
        }

        // A dot is fine in a version, which starts with a digit; 10.0.0.7 and db.internal are addresses.
        return !text.Contains('.', StringComparison.Ordinal) || (char.IsAsciiDigit(text[0]) && !IsAddress(text));
    }

    /// <summary>Long, with letters and more than a few digits, and no version.</summary>
    private static bool IsKeyShaped(string text) =>
        text.Length >= 16 && text.Count(char.IsAsciiDigit) > 3 && text.Any(char.IsAsciiLetter)
        && !text.Contains('.', StringComparison.Ordinal);

    private static bool IsAddress(string text) => text.Count(c => c == '.') == 3 && IPAddress.TryParse(text, out _);
}
