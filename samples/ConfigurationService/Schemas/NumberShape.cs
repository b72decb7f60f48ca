using System.Globalization;
using System.Text.Json;
using ConfigurationService.Errors;
using Microsoft.OpenApi;

namespace ConfigurationService.Schemas;

/// <summary>A number.</summary>
/// <param name="Minimum">Least value.</param>
/// <param name="Maximum">Greatest value.</param>
internal sealed record NumberShape(double Minimum, double Maximum) : JsonShape
{
    public override string Rule => string.Create(CultureInfo.InvariantCulture, $"a number from {Minimum} to {Maximum}");

    protected override void CheckValue(JsonElement value, string pointer, BodyErrors errors)
    {
        if (value.ValueKind != JsonValueKind.Number)
            Fault(Problems.WrongType, pointer, errors);
        else if (!value.TryGetDouble(out var number) || !(number >= Minimum && number <= Maximum))
            Fault(Kind, pointer, errors);
    }

    protected override OpenApiSchema Schema(OpenApiDocument document) => new()
    {
        Type = JsonSchemaType.Number,
        Format = "double",
        Minimum = Minimum.ToString(CultureInfo.InvariantCulture),
        Maximum = Maximum.ToString(CultureInfo.InvariantCulture),
    };
}
