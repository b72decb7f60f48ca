using System.Text.Json;
using ConfigurationService.Errors;
using Microsoft.OpenApi;

namespace ConfigurationService.Schemas;

/// <summary>True or false.</summary>
internal sealed record FlagShape : JsonShape
{
    public override string Rule => "true or false";

    protected override void CheckValue(JsonElement value, string pointer, BodyErrors errors)
    {
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            Fault(Problems.WrongType, pointer, errors);
    }

    protected override OpenApiSchema Schema(OpenApiDocument document) => new() { Type = JsonSchemaType.Boolean };
}
