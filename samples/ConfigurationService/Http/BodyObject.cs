using System.Text.Json;
using ConfigurationService.Errors;
using ConfigurationService.Schemas;

namespace ConfigurationService.Http;

/// <summary>
/// An object of a body that was checked against its shape. A member that is absent, null or not of its shape reads as null: what is wrong
/// with it is already among the errors.
/// </summary>
internal readonly struct BodyObject(JsonElement element, string pointer, BodyErrors errors)
{
    public JsonElement Element => element;

    public string Pointer => pointer;

    /// <summary>Notes a fault of a member.</summary>
    public void Fault(ProblemKind kind, string name, string detail) => errors.Add(kind, JsonPointer.Join(pointer, name), detail);

    public string? Text(string name) => Member(name, JsonValueKind.String)?.GetString();

    /// <summary>A text that may be null, which is different from absent.</summary>
    public Given<string> NullableText(string name) =>
        element.TryGetProperty(name, out _) ? Given<string>.Of(Text(name)) : Given<string>.Absent;

    public bool? Flag(string name) => (Member(name, JsonValueKind.True) ?? Member(name, JsonValueKind.False))?.GetBoolean();

    public int? Integer(string name, WholeShape shape) =>
        Member(name, JsonValueKind.Number) is { } value ? (int?)shape.Read(value) : shape.Default;

    public double? Number(string name) => Member(name, JsonValueKind.Number) is { } value && value.TryGetDouble(out var n) ? n : null;

    public float[]? Numbers(string name) => Member(name, JsonValueKind.Array) is { } array
        ? [.. array.EnumerateArray().Select(static v => v.ValueKind == JsonValueKind.Number && v.TryGetSingle(out var n) ? n : 0)]
        : null;

    public BodyObject? Object(string name) =>
        Member(name, JsonValueKind.Object) is { } value ? new BodyObject(value, JsonPointer.Join(pointer, name), errors) : null;

    /// <summary>The objects of an array; none when it is absent.</summary>
    public IReadOnlyList<BodyObject> Objects(string name)
    {
        var objects = new List<BodyObject>();
        if (Member(name, JsonValueKind.Array) is not { } array)
            return objects;
        var at = JsonPointer.Join(pointer, name);
        foreach (var (index, item) in array.EnumerateArray().Index())
        {
            if (item.ValueKind == JsonValueKind.Object)
                objects.Add(new BodyObject(item, JsonPointer.Join(at, index), errors));
        }

        return objects;
    }

    /// <summary>The texts of an array, or null when it is absent.</summary>
    public IReadOnlyList<string>? Texts(string name) => Member(name, JsonValueKind.Array) is { } array
        ? [.. array.EnumerateArray().Where(static v => v.ValueKind == JsonValueKind.String).Select(static v => v.GetString()!)]
        : null;

    private JsonElement? Member(string name, JsonValueKind kind) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == kind ? value : null;
}
