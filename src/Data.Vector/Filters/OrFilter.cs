namespace Data.Vector.Filters;

internal sealed class OrFilter(IReadOnlyList<VectorFilter> filters) : VectorFilter
{
    public VectorFilter[] Filters { get; } = FilterOperands.Several(filters, nameof(Or));

    internal override bool Matches(VectorMetadata metadata, string? document)
    {
        foreach (var filter in Filters)
        {
            if (filter.Matches(metadata, document))
                return true;
        }

        return false;
    }

    public override string ToString() => $"({string.Join(" Or ", (object[])Filters)})";
}
