using System.Runtime.InteropServices;

namespace Data.Vector.Collections;

/// <summary>A validated search and its vector, as stores execute it.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct SearchPlan
{
    public required ReadOnlyMemory<float> Vector { get; init; }

    public required int Top { get; init; }

    public VectorFilter? Filter { get; init; }

    public int? EfSearch { get; init; }

    public bool IncludeVectors { get; init; }

    public bool IncludeDocuments { get; init; }

    public static SearchPlan For(VectorSearchRequest request, ReadOnlyMemory<float> vector) => new()
    {
        Vector = vector,
        Top = request.Top,
        Filter = request.Filter,
        EfSearch = request.EfSearch,
        IncludeVectors = request.IncludeVectors,
        IncludeDocuments = request.IncludeDocuments,
    };
}
