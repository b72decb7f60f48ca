using System.Text.Json;
using ConfigurationService.Errors;
using Microsoft.OpenApi;

namespace ConfigurationService.Schemas;

/// <summary>
/// What one JSON value of a request may be. Bodies are validated and described in OpenAPI from the same shape, so that both say the same.
/// Immutable.
/// </summary>
internal abstract record JsonShape
{
    public string? Description { get; init; }

    /// <summary>Whether null may be sent: it means absent, unless the description gives it a meaning of its own.</summary>
    public bool Nullable { get; init; }

    /// <summary>Whether answers have it: it may be sent back as it was read, and is ignored.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Whether no answer ever has it.</summary>
    public bool WriteOnly { get; init; }

    /// <summary>The problem of a value of the right JSON type that is not allowed.</summary>
    public ProblemKind Kind { get; init; } = Problems.InvalidValue;

    /// <summary>What would be right, as the end of the sentence "it must be".</summary>
    public abstract string Rule { get; }

    /// <summary>Notes everything that is wrong with a value and what is below it.</summary>
    public void Check(JsonElement value, string pointer, BodyErrors errors)
    {
        if (value.ValueKind != JsonValueKind.Null)
            CheckValue(value, pointer, errors);
        else if (!Nullable)
            Fault(Problems.WrongType, pointer, errors);
    }

    /// <summary>The schema in the document; what has a name becomes a component of it.</summary>
    public virtual IOpenApiSchema Describe(OpenApiDocument document)
    {
        var schema = Schema(document);
        schema.Description = Description;
        schema.ReadOnly = ReadOnly;
        schema.WriteOnly = WriteOnly;
        if (Nullable)
            schema.Type |= JsonSchemaType.Null;
        return schema;
    }

    protected abstract void CheckValue(JsonElement value, string pointer, BodyErrors errors);

    protected abstract OpenApiSchema Schema(OpenApiDocument document);

    protected void Fault(ProblemKind kind, string pointer, BodyErrors errors) => errors.Add(kind, pointer, $"It must be {Rule}.");
}
