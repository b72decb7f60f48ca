namespace Data.Vector.Filters;

internal sealed class NotFilter(VectorFilter inner) : VectorFilter
{
    public VectorFilter Inner { get; } = inner;

    internal override bool Matches(VectorMetadata metadata, string? document) => !Inner.Matches(metadata, document);

    public override string ToString() => $"Not {Inner}";
}
