using Data.Vector;

namespace Data.Conformance.VectorStores;

/// <summary>The suite on tables without an index over the vectors.</summary>
public sealed class PgVectorFlatStoreTests : PgVectorStoreTests
{
    protected override VectorIndexKind Index => VectorIndexKind.Flat;
}
