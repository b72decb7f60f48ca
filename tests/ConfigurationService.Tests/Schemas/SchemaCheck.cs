using System.Text.Json;
using System.Text.RegularExpressions;

namespace ConfigurationService.Tests.Schemas;

/// <summary>A small JSON Schema validator for what OpenAPI documents hold: it knows nothing of how the service checks bodies.</summary>
internal sealed class SchemaCheck(JsonElement document)
{
    public IReadOnlyList<string> Faults(JsonElement schema, JsonElement value)
    {
        var faults = new List<string>();
        Check(schema, value, "", faults);
        return faults;
    }

    private void Check(JsonElement schema, JsonElement value, string at, List<string> faults)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            Check(Resolve(reference.GetString()!), value, at, faults);
            return;
        }

        if (schema.TryGetProperty("oneOf", out var alternatives) || schema.TryGetProperty("anyOf", out alternatives))
        {
            if (!alternatives.EnumerateArray().Any(a => Faults(a, value).Count == 0))
                faults.Add($"{at}: none of the alternatives");
            return;
        }

        if (schema.TryGetProperty("type", out var type) && !IsOfType(type, value))
        {
            faults.Add($"{at}: {value.ValueKind} is not {type}");
            return;
        }

        if (schema.TryGetProperty("enum", out var values) && !values.EnumerateArray().Any(v => JsonElement.DeepEquals(v, value)))
            faults.Add($"{at}: {value} is not among {values}");
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                CheckObject(schema, value, at, faults);
                break;
            case JsonValueKind.Array:
                CheckArray(schema, value, at, faults);
                break;
            case JsonValueKind.String:
                CheckText(schema, value.GetString()!, at, faults);
                break;
            case JsonValueKind.Number:
                CheckNumber(schema, value.GetDouble(), at, faults);
                break;
        }
    }

    private void CheckObject(JsonElement schema, JsonElement value, string at, List<string> faults)
    {
        var properties = schema.TryGetProperty("properties", out var known) ? known : default;
        foreach (var member in value.EnumerateObject())
        {
            if (properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(member.Name, out var property))
                Check(property, member.Value, $"{at}/{member.Name}", faults);
            else if (schema.TryGetProperty("additionalProperties", out var others) && others.ValueKind == JsonValueKind.False)
                faults.Add($"{at}/{member.Name}: not declared");
            else if (others.ValueKind == JsonValueKind.Object)
                Check(others, member.Value, $"{at}/{member.Name}", faults);
        }

        if (schema.TryGetProperty("required", out var required))
        {
            var missing = required.EnumerateArray().Where(n => !value.TryGetProperty(n.GetString()!, out _));
            faults.AddRange(missing.Select(n => $"{at}/{n}: missing"));
        }
    }

    private void CheckArray(JsonElement schema, JsonElement value, string at, List<string> faults)
    {
        CheckBounds(schema, "minItems", "maxItems", value.GetArrayLength(), at, faults);
        if (!schema.TryGetProperty("items", out var items))
            return;
        foreach (var (index, item) in value.EnumerateArray().Index())
            Check(items, item, $"{at}/{index}", faults);
    }

    private static void CheckText(JsonElement schema, string text, string at, List<string> faults)
    {
        CheckBounds(schema, "minLength", "maxLength", text.EnumerateRunes().Count(), at, faults);
        if (schema.TryGetProperty("pattern", out var pattern)
            && !Regex.IsMatch(text, pattern.GetString()!, RegexOptions.ECMAScript | RegexOptions.CultureInvariant))
        {
            faults.Add($"{at}: does not match {pattern}");
        }
    }

    private static void CheckNumber(JsonElement schema, double number, string at, List<string> faults) =>
        CheckBounds(schema, "minimum", "maximum", number, at, faults);

    private static void CheckBounds(
        JsonElement schema, string minimum, string maximum, double value, string at, List<string> faults)
    {
        if (schema.TryGetProperty(minimum, out var least) && value < least.GetDouble())
            faults.Add($"{at}: {value} is below {minimum} {least}");
        if (schema.TryGetProperty(maximum, out var most) && value > most.GetDouble())
            faults.Add($"{at}: {value} is above {maximum} {most}");
    }

    private static bool IsOfType(JsonElement type, JsonElement value)
    {
        var names = type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(static t => t.GetString()) : [type.GetString()];
        return names.Any(name => name switch
        {
            "object" => value.ValueKind == JsonValueKind.Object,
            "array" => value.ValueKind == JsonValueKind.Array,
            "string" => value.ValueKind == JsonValueKind.String,
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "null" => value.ValueKind == JsonValueKind.Null,
            "integer" => value.ValueKind == JsonValueKind.Number && double.IsInteger(value.GetDouble()),
            "number" => value.ValueKind == JsonValueKind.Number,
            _ => false,
        });
    }

    private JsonElement Resolve(string reference)
    {
        var element = document;
        foreach (var name in reference.Split('/').Skip(1))
            element = element.GetProperty(name);
        return element;
    }
}
