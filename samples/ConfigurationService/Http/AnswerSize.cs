using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ConfigurationService.Errors;
using ConfigurationService.Settings;

namespace ConfigurationService.Http;

/// <summary>
/// Keeps what is stored small enough to be answered, and to be sent back: however a configuration grew, its answer is at most as large as
/// a body may be.
/// </summary>
internal sealed class AnswerSize(LimitSettings limits)
{
    /// <summary>How much text one page of several configurations has, beside its last one.</summary>
    public const int PageCharacters = 1 << 20;

    // No character takes more than six bytes in JSON.
    private const int LongestEscape = 6;

    /// <summary>Refuses a write whose result is too large, unless it is smaller than what was there.</summary>
    /// <param name="characters">Bounds from above what the answer after the write holds, cheaply.</param>
    /// <param name="after">The answer after the write.</param>
    /// <param name="before">The answer before it; null when there was none.</param>
    /// <param name="type">How it is written.</param>
    /// <exception cref="ProblemException">The answer would be larger than a body may be.</exception>
    public void Demand<T>(long characters, Func<T> after, Func<T?> before, JsonTypeInfo<T> type)
        where T : class
    {
        if (characters * LongestEscape <= limits.MaxBodyBytes)
            return;
        var size = SizeOf(after(), type);
        if (size <= limits.MaxBodyBytes || size <= SizeOf(before(), type))
            return;
        throw new ProblemException(
            Problems.StoredTooLarge,
            $"Afterwards the whole configuration would have {size} bytes as JSON; at most {limits.MaxBodyBytes} are stored.");
    }

    private static int SizeOf<T>(T? answer, JsonTypeInfo<T> type)
        where T : class =>
        answer is null ? 0 : JsonSerializer.SerializeToUtf8Bytes(answer, type).Length;
}
