using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ConfigurationService.Errors;
using Microsoft.OpenApi;

namespace ConfigurationService.Schemas;

/// <summary>A text; without control characters, unless it may have lines.</summary>
/// <param name="MinLength">Fewest characters, counted as JSON Schema does: in code points.</param>
/// <param name="MaxLength">Most characters.</param>
internal sealed partial record TextShape(int MinLength, int MaxLength) : JsonShape
{
    /// <summary>What the whole text must match, in the syntax that .NET and ECMAScript share.</summary>
    public Regex? Form { get; init; }

    /// <summary>The form in words, as the end of the sentence "it must be".</summary>
    public string? FormRule { get; init; }

    /// <summary>The only texts there are.</summary>
    public IReadOnlyList<string>? Values { get; init; }

    /// <summary>The name that OpenAPI has for the form, such as uuid.</summary>
    public string? Format { get; init; }

    /// <summary>Whether it may have line breaks and other control characters.</summary>
    public bool HasLines { get; init; }

    public override string Rule => FormRule
        ?? (Values is { } values ? $"one of: {string.Join(", ", values)}"
            : $"a text of {MinLength} to {MaxLength} characters{(HasLines ? "" : " without control characters")}");

    private Regex? Pattern => Form ?? (HasLines || Values is not null ? null : OneLine());

    public bool Allows(string text)
    {
        if (Values is { } values)
            return values.Contains(text, StringComparer.Ordinal);
        var length = text.Length - text.Count(char.IsLowSurrogate);
        // The length of the match, because $ also matches before a line feed at the end.
        return length >= MinLength && length <= MaxLength
            && (Pattern is not { } form || (form.Match(text) is { Success: true } match && match.Length == text.Length));
    }

    protected override void CheckValue(JsonElement value, string pointer, BodyErrors errors)
    {
        if (value.ValueKind != JsonValueKind.String)
            Fault(Problems.WrongType, pointer, errors);
        else if (!Allows(value.GetString()!))
            Fault(Kind, pointer, errors);
    }

    protected override OpenApiSchema Schema(OpenApiDocument document) => Values is { } values
        ? new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. Choices(values)] }
        : new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            MinLength = MinLength,
            MaxLength = MaxLength,
            Pattern = Pattern?.ToString(),
            Format = Format,
        };

    private IEnumerable<JsonNode> Choices(IReadOnlyList<string> values)
    {
        foreach (var value in values)
            yield return value;
        if (Nullable)
            yield return JsonNullSentinel.JsonNull;
    }

    [GeneratedRegex(@"^[^\u0000-\u001F\u007F-\u009F]*$", RegexOptions.CultureInvariant)]
    private static partial Regex OneLine();
}
