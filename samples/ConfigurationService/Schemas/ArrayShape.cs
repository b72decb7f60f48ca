using System.Text.Json;
using ConfigurationService.Errors;
using Microsoft.OpenApi;

namespace ConfigurationService.Schemas;

/// <summary>An array.</summary>
/// <param name="Item">What each item may be.</param>
/// <param name="MinItems">Fewest items.</param>
/// <param name="MaxItems">Most items.</param>
internal sealed record ArrayShape(JsonShape Item, int MinItems, int MaxItems) : JsonShape
{
    public override string Rule => MinItems == MaxItems ? $"an array of {MinItems} items" : $"an array of {MinItems} to {MaxItems} items";

    protected override void CheckValue(JsonElement value, string pointer, BodyErrors errors)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            Fault(Problems.WrongType, pointer, errors);
            return;
        }

        if (value.GetArrayLength() is var length && (length < MinItems || length > MaxItems))
            Fault(Kind, pointer, errors);
        foreach (var (index, item) in value.EnumerateArray().Index())
            Item.Check(item, JsonPointer.Join(pointer, index), errors);
    }

    protected override OpenApiSchema Schema(OpenApiDocument document) =>
        new() { Type = JsonSchemaType.Array, Items = Item.Describe(document), MinItems = MinItems, MaxItems = MaxItems };
}
