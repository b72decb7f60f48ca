using System.Text.Json;
using ConfigurationService.Errors;
using Microsoft.OpenApi;

namespace ConfigurationService.Schemas;

/// <summary>A text, a number, true or false.</summary>
internal sealed record ScalarShape : JsonShape
{
    public override string Rule => "a text, a number, true or false";

    protected override void CheckValue(JsonElement value, string pointer, BodyErrors errors)
    {
        if (value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
            Fault(Problems.WrongType, pointer, errors);
    }

    protected override OpenApiSchema Schema(OpenApiDocument document) =>
        new() { Type = JsonSchemaType.String | JsonSchemaType.Number | JsonSchemaType.Boolean };
}
