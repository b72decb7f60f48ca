namespace Data.Vector.PgVector;

/// <summary>A filter that accepts records by their ids, in SQL only.</summary>
internal sealed class PgIdFilter(string[] ids) : VectorFilter
{
    public string[] Ids => ids;

    public override string ToString() => $"(one of {ids.Length} ids)";

    internal override bool Matches(VectorMetadata metadata, string? document) =>
        throw new NotSupportedException("Metadata and text do not tell the id.");
}
