namespace Data.Vector.Filters;

internal sealed class ElementFilter(string key, MetadataValue element) : VectorFilter
{
    public string Key { get; } = FilterOperands.Key(key);

    public MetadataValue Element { get; } = FilterOperands.Scalar(key, element);

    internal override bool Matches(VectorMetadata metadata, string? document) =>
        metadata.TryGetValue(Key, out var list) && list.Kind switch
        {
            MetadataValueKind.TextArray => Any(list.AsStrings(), static item => item),
            MetadataValueKind.WholeNumberArray => Any(list.AsInt64s(), static item => item),
            MetadataValueKind.NumberArray => Any(list.AsDoubles(), static item => item),
            MetadataValueKind.BooleanArray => Any(list.AsBooleans(), static item => item),
            _ => false,
        };

    public override string ToString() => $"{Key} Contains {Element}";

    private bool Any<T>(ReadOnlySpan<T> items, Func<T, MetadataValue> wrap)
    {
        foreach (var item in items)
        {
            if (ScalarOrder.Equal(wrap(item), Element))
                return true;
        }

        return false;
    }
}
