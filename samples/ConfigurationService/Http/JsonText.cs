using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using ConfigurationService.Errors;
using ConfigurationService.Schemas;

namespace ConfigurationService.Http;

/// <summary>
/// What every body must be, whatever it says: well-formed JSON of limited depth, whose texts and numbers the database and every client can
/// hold. One pass over the bytes, before anything is made of them.
/// </summary>
internal static class JsonText
{
    public const int MaxDepth = 32;

    /// <summary>Notes every text and number that cannot be kept, with its pointer.</summary>
    /// <exception cref="JsonException">The bytes are not JSON, or too deep.</exception>
    /// <exception cref="ProblemException">The bytes are not UTF-8.</exception>
    public static void Check(ReadOnlySpan<byte> json, BodyErrors errors)
    {
        if (!Utf8.IsValid(json))
            throw new ProblemException(Problems.MalformedJson, "The body is not valid UTF-8.");
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        var place = new JsonPlace();
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    place.Name(Text(ref reader));
                    if (!IsText(place.Last))
                        errors.Add(Problems.InvalidValue, place.Parent(), "The name of a member must have no NUL and no lone surrogate.");
                    break;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    place.Enter(reader.TokenType == JsonTokenType.StartArray);
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    place.Leave();
                    break;
                case JsonTokenType.String when reader.ValueIsEscaped && !IsText(Text(ref reader)):
                    errors.Add(Problems.InvalidValue, place.Value(), "A text must have no NUL and no lone surrogate.");
                    break;
                case JsonTokenType.Number when !JsonNumber.IsAllowed(reader.ValueSpan):
                    errors.Add(Problems.InvalidValue, place.Value(), JsonNumber.Rule);
                    break;
            }

            if (reader.TokenType is not (JsonTokenType.PropertyName or JsonTokenType.StartObject or JsonTokenType.StartArray))
                place.Next();
        }
    }

    private static bool IsText(string? text) => text is not null && !text.Contains('\0');

    // Bytes that are UTF-8 have no lone surrogate; an escape may write one.
    private static string? Text(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
            return Encoding.UTF8.GetString(reader.ValueSpan);
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
