using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ConfigurationService.Errors;
using Microsoft.OpenApi;

namespace ConfigurationService.Schemas;

/// <summary>A whole number.</summary>
/// <param name="Minimum">Least value.</param>
/// <param name="Maximum">Greatest value.</param>
internal sealed record WholeShape(long Minimum, long Maximum) : JsonShape
{
    /// <summary>What is taken when it is absent; null when it must be told or absence has a meaning of its own.</summary>
    public int? Default { get; init; }

    public override string Rule => $"a whole number from {Minimum} to {Maximum}";

    /// <summary>The number, which JSON may also write as 1.0 or 1e2; null when it is none or out of bounds.</summary>
    public long? Read(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) && decimal.IsInteger(number)
        && number >= Minimum && number <= Maximum
            ? (long)number
            : null;

    protected override void CheckValue(JsonElement value, string pointer, BodyErrors errors)
    {
        if (value.ValueKind != JsonValueKind.Number)
            Fault(Problems.WrongType, pointer, errors);
        else if (Read(value) is null)
            Fault(Kind, pointer, errors);
    }

    protected override OpenApiSchema Schema(OpenApiDocument document) => new()
    {
        Type = JsonSchemaType.Integer,
        Format = Maximum > int.MaxValue ? "int64" : "int32",
        Minimum = Minimum.ToString(CultureInfo.InvariantCulture),
        Maximum = Maximum.ToString(CultureInfo.InvariantCulture),
        Default = Default is { } otherwise ? JsonValue.Create(otherwise) : null,
    };
}
