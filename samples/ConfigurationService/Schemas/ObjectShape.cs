using System.Text.Json;
using ConfigurationService.Errors;
using Microsoft.OpenApi;

namespace ConfigurationService.Schemas;

/// <summary>An object with known members and no others.</summary>
/// <param name="Name">The component's name in OpenAPI.</param>
/// <param name="Members">Its members.</param>
internal sealed record ObjectShape(string Name, IReadOnlyList<ShapeMember> Members) : JsonShape
{
    /// <summary>A problem of its own for some unknown members; null for the others.</summary>
    public Func<string, (ProblemKind Kind, string Detail)?>? Unknown { get; init; }

    public override string Rule => "a JSON object";

    public override IOpenApiSchema Describe(OpenApiDocument document)
    {
        if (document.Components?.Schemas?.ContainsKey(Name) != true)
            document.AddComponent(Name, base.Describe(document));
        return new OpenApiSchemaReference(Name, document);
    }

    protected override void CheckValue(JsonElement value, string pointer, BodyErrors errors)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            Fault(Problems.WrongType, pointer, errors);
            return;
        }

        foreach (var given in value.EnumerateObject())
        {
            var at = JsonPointer.Join(pointer, given.Name);
            if (Members.FirstOrDefault(m => m.Name == given.Name) is { } member)
                member.Shape.Check(given.Value, at, errors);
            else if (Unknown?.Invoke(given.Name) is { } unknown)
                errors.Add(unknown.Kind, at, unknown.Detail);
            else
                errors.Add(Problems.UnknownField, at, $"There is no member of this name. Known are: {Names()}.");
        }

        foreach (var member in Members)
        {
            if (member.Required && !value.TryGetProperty(member.Name, out _))
                errors.Add(Problems.MissingField, JsonPointer.Join(pointer, member.Name), $"It is required: {member.Shape.Rule}.");
        }
    }

    protected override OpenApiSchema Schema(OpenApiDocument document) => new()
    {
        Type = JsonSchemaType.Object,
        Properties = Members.ToDictionary(static m => m.Name, m => m.Shape.Describe(document), StringComparer.Ordinal),
        Required = Members.Where(static m => m.Required).Select(static m => m.Name).ToHashSet(StringComparer.Ordinal),
        AdditionalPropertiesAllowed = false,
    };

    private string Names() => string.Join(", ", Members.Select(static m => m.Name));
}
