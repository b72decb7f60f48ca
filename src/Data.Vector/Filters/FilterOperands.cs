using Data.Vector.Metadata;

namespace Data.Vector.Filters;

/// <summary>Rejects operands that no record can contain, when the filter is created.</summary>
internal static class FilterOperands
{
    public static string Key(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return MetadataKeys.Refusal(key) is { } reason ?
            throw new VectorInputException($"A filter names the metadata key '{key}', which {reason}.") :
            key;
    }

    public static MetadataValue Scalar(string key, MetadataValue value)
    {
        if (value.Kind == MetadataValueKind.None || value.IsArray)
            throw new VectorInputException($"The filter on '{key}' needs a text, a number or a Boolean, not {value.Kind}.");

        return value.Kind == MetadataValueKind.Number && !double.IsFinite(value.AsDouble())
            ? throw new VectorInputException($"The filter on '{key}' needs a finite number, not {value}.")
            : value;
    }

    public static MetadataValue Ordered(string key, MetadataValue value) =>
        Scalar(key, value).Kind == MetadataValueKind.Boolean
            ? throw new VectorInputException($"The filter on '{key}' needs a number or a text: Booleans have no order.")
            : value;

    public static VectorFilter[] Several(IReadOnlyList<VectorFilter> filters, string combination)
    {
        ArgumentNullException.ThrowIfNull(filters);
        VectorFilter[] copy = [.. filters];
        if (copy.Length == 0 || Array.IndexOf(copy, null) >= 0)
            throw new VectorInputException($"{combination} needs one filter or more, and none of them null.");

        return copy;
    }
}
