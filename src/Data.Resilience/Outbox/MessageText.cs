using System.Text;
using System.Text.Json;

namespace Data.Resilience.Outbox;

/// <summary>Checks texts when they are added, so that an odd one is an error of the line that added it and not of the commit.</summary>
internal static class MessageText
{
    public const int MaxTopicLength = 200;
    public const int MaxKeyLength = 512;
    public const int MaxHeaderBytes = 16 << 10;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// Refuses what is empty, too long, or cannot be stored: PostgreSQL's text knows no NUL and no half of a surrogate pair.
    /// </summary>
    public static void Check(string value, int maxLength, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(value, parameter);
        if (value.Length > maxLength)
            throw new ArgumentException($"The value has {value.Length} characters; at most {maxLength} are allowed.", parameter);
        CheckCharacters(value, parameter);
    }

    /// <summary>Writes headers as a JSON object; null when there are none.</summary>
    public static string? Headers(IReadOnlyDictionary<string, string>? headers, string parameter)
    {
        if (headers is null or { Count: 0 })
            return null;

        foreach (var (name, value) in headers)
        {
            ArgumentException.ThrowIfNullOrEmpty(name, parameter);
            ArgumentNullException.ThrowIfNull(value, parameter);
            CheckCharacters(name, parameter);
            CheckCharacters(value, parameter);
        }

        var text = JsonSerializer.Serialize(headers);
        return Strict.GetByteCount(text) <= MaxHeaderBytes
            ? text
            : throw new ArgumentException($"The headers take more than {MaxHeaderBytes} bytes as JSON.", parameter);
    }

    private static void CheckCharacters(string value, string parameter)
    {
        if (value.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException("The value holds a NUL character, which PostgreSQL cannot store.", parameter);

        try
        {
            Strict.GetByteCount(value);
        }
        catch (EncoderFallbackException exception)
        {
            throw new ArgumentException("The value is not valid Unicode: half of a surrogate pair stands alone.", parameter, exception);
        }
    }
}
