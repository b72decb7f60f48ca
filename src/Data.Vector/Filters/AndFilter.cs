namespace Data.Vector.Filters;

internal sealed class AndFilter(IReadOnlyList<VectorFilter> filters) : VectorFilter
{
    public VectorFilter[] Filters { get; } = FilterOperands.Several(filters, nameof(And));

    internal override bool Matches(VectorMetadata metadata, string? document)
    {
        foreach (var filter in Filters)
        {
            if (!filter.Matches(metadata, document))
                return false;
        }

        return true;
    }

    public override string ToString() => $"({string.Join(" And ", (object[])Filters)})";
}
