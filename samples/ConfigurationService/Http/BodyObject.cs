using System.Text.Json;
using ConfigurationService.Errors;

namespace ConfigurationService.Http;

/// <summary>A JSON object of a body, read member by member; every fault is noted with its JSON pointer.</summary>
internal readonly struct BodyObject(JsonElement element, string pointer, BodyErrors errors)
{
    public JsonElement Element => element;

    public string Pointer => pointer;

    public IEnumerable<string> Names => element.EnumerateObject().Select(static p => p.Name);

    /// <summary>The JSON pointer of a member of this object.</summary>
    public string PointerTo(string name) => Join(pointer, name);

    public static string Join(string pointer, string name) =>
        $"{pointer}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";

    public void Fault(ProblemKind kind, string name, string detail) => FaultAt(kind, PointerTo(name), detail);

    /// <summary>Notes a fault somewhere below this object.</summary>
    public void FaultAt(ProblemKind kind, string at, string detail) => errors.Add(kind, at, detail);

    /// <summary>A text, or null when it is absent or faulty; null is a fault.</summary>
    public string? Text(string name, int maxLength, bool required = false)
    {
        if (!element.TryGetProperty(name, out var value))
        {
            if (required)
                Fault(Problems.MissingField, name, $"{name} is required: a text of 1 to {maxLength} characters.");
            return null;
        }

        if (value.ValueKind == JsonValueKind.String)
            return Bounded(name, value.GetString()!, maxLength);
        Fault(Problems.WrongType, name, $"{name} must be a text of 1 to {maxLength} characters.");
        return null;
    }

    /// <summary>A text that may be null, which is different from absent.</summary>
    public Given<string> NullableText(string name, int maxLength)
    {
        if (!element.TryGetProperty(name, out var value))
            return Given<string>.Absent;
        return value.ValueKind == JsonValueKind.Null ? Given<string>.Of(null) : Given<string>.Of(Text(name, maxLength));
    }

    public bool? Flag(string name)
    {
        if (!element.TryGetProperty(name, out var value))
            return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        Fault(Problems.WrongType, name, $"{name} must be true or false.");
        return null;
    }

    public int? Integer(string name, int minimum, bool required = false)
    {
        if (!element.TryGetProperty(name, out var value))
        {
            if (required)
                Fault(Problems.MissingField, name, $"{name} is required: a whole number from {minimum}.");
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= minimum)
            return number;
        Fault(value.ValueKind == JsonValueKind.Number ? Problems.InvalidValue : Problems.WrongType, name,
            $"{name} must be a whole number from {minimum}.");
        return null;
    }

    public double? Number(string name, double minimum, double maximum)
    {
        if (!element.TryGetProperty(name, out var value))
            return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= minimum && number <= maximum)
            return number;
        Fault(
            value.ValueKind == JsonValueKind.Number ? Problems.InvalidValue : Problems.WrongType,
            name,
            $"{name} must be a number from {minimum} to {maximum}.");
        return null;
    }

    /// <summary>An array of exactly so many numbers, or null when it is absent or faulty.</summary>
    public float[]? Numbers(string name, int count)
    {
        if (!element.TryGetProperty(name, out _))
            return null;
        var numbers = Items(name).Select(static item => item.Value.ValueKind == JsonValueKind.Number && item.Value.TryGetSingle(out var n)
            && float.IsFinite(n) ? n : float.NaN).ToArray();
        if (numbers.Length == count && !numbers.AsSpan().Contains(float.NaN))
            return numbers;
        Fault(Problems.InvalidValue, name, $"{name} must be an array of {count} finite numbers.");
        return null;
    }

    public BodyObject? Object(string name, bool required = false)
    {
        if (!element.TryGetProperty(name, out var value))
        {
            if (required)
                Fault(Problems.MissingField, name, $"{name} is required: a JSON object.");
            return null;
        }

        if (value.ValueKind == JsonValueKind.Object)
            return new BodyObject(value, PointerTo(name), errors);
        Fault(Problems.WrongType, name, $"{name} must be a JSON object.");
        return null;
    }

    /// <summary>The objects of an array; elements that are no objects are faults.</summary>
    public IReadOnlyList<BodyObject> Objects(string name)
    {
        var objects = new List<BodyObject>();
        foreach (var (value, at) in Items(name))
        {
            if (value.ValueKind == JsonValueKind.Object)
                objects.Add(new BodyObject(value, at, errors));
            else
                errors.Add(Problems.WrongType, at, "A JSON object is expected.");
        }

        return objects;
    }

    /// <summary>The texts of an array, or null when it is absent.</summary>
    public IReadOnlyList<string>? Texts(string name, int maxLength)
    {
        if (!element.TryGetProperty(name, out _))
            return null;
        var texts = new List<string>();
        foreach (var (value, at) in Items(name))
        {
            if (value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text && text.Length <= maxLength)
                texts.Add(text);
            else
                errors.Add(Problems.InvalidValue, at, $"A text of 1 to {maxLength} characters is expected.");
        }

        return texts;
    }

    /// <summary>Notes every member that is not among the known ones.</summary>
    public void RejectUnknown(params ReadOnlySpan<string> known)
    {
        foreach (var member in element.EnumerateObject())
        {
            if (!known.Contains(member.Name))
            {
                Fault(
                    Problems.UnknownField,
                    member.Name,
                    $"There is no member of this name. Known are: {string.Join(", ", known.ToArray())}.");
            }
        }
    }

    private IEnumerable<(JsonElement Value, string Pointer)> Items(string name)
    {
        if (!element.TryGetProperty(name, out var array))
            return [];
        var at = PointerTo(name);
        if (array.ValueKind == JsonValueKind.Array)
            return array.EnumerateArray().Select((item, index) => (item, $"{at}/{index}"));
        Fault(Problems.WrongType, name, $"{name} must be an array.");
        return [];
    }

    private string? Bounded(string name, string text, int maxLength)
    {
        if (text.Length > 0 && text.Length <= maxLength && !text.Contains('\0'))
            return text;
        Fault(Problems.InvalidValue, name, $"{name} must have 1 to {maxLength} characters and no NUL.");
        return null;
    }
}
