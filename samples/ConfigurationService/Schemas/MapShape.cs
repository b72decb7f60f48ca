using System.Text.Json;
using ConfigurationService.Errors;
using Microsoft.OpenApi;

namespace ConfigurationService.Schemas;

/// <summary>An object with members of any name.</summary>
/// <param name="Values">What each member may be; null for anything.</param>
internal sealed record MapShape(JsonShape? Values = null) : JsonShape
{
    /// <summary>What else must hold, of the whole object, its pointer and the errors to note it in.</summary>
    public Action<JsonElement, string, BodyErrors>? Also { get; init; }

    public override string Rule => "a JSON object";

    protected override void CheckValue(JsonElement value, string pointer, BodyErrors errors)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            Fault(Problems.WrongType, pointer, errors);
            return;
        }

        if (Values is { } values)
        {
            foreach (var member in value.EnumerateObject())
                values.Check(member.Value, JsonPointer.Join(pointer, member.Name), errors);
        }

        Also?.Invoke(value, pointer, errors);
    }

    protected override OpenApiSchema Schema(OpenApiDocument document) =>
        new() { Type = JsonSchemaType.Object, AdditionalProperties = Values?.Describe(document) ?? new OpenApiSchema() };
}
