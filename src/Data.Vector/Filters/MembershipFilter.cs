namespace Data.Vector.Filters;

internal sealed class MembershipFilter : VectorFilter
{
    public MembershipFilter(string key, IReadOnlyList<MetadataValue> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        Key = FilterOperands.Key(key);
        Values = [.. values.Select(value => FilterOperands.Scalar(key, value))];
    }

    public string Key { get; }

    public MetadataValue[] Values { get; }

    internal override bool Matches(VectorMetadata metadata, string? document)
    {
        if (!metadata.TryGetValue(Key, out var actual))
            return false;

        foreach (var value in Values)
        {
            if (ScalarOrder.Equal(actual, value))
                return true;
        }

        return false;
    }

    public override string ToString() => $"{Key} In [{string.Join(", ", Values)}]";
}
