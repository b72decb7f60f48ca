using System.Runtime.InteropServices;

namespace Data.Vector.Collections;

/// <summary>A validated hybrid search and its vector, as stores execute it.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct HybridPlan
{
    public required string Text { get; init; }

    /// <summary>The vector; empty when <see cref="HybridFusion.UsesVector"/> is false.</summary>
    public required ReadOnlyMemory<float> Vector { get; init; }

    public required HybridFusion Fusion { get; init; }

    /// <summary>The number of records that each part contributes, at least <see cref="Skip"/> and <see cref="Top"/> together.</summary>
    public required int Candidates { get; init; }

    public required int Top { get; init; }

    public int Skip { get; init; }

    public VectorFilter? Filter { get; init; }

    public int? EfSearch { get; init; }

    public bool IncludeVectors { get; init; }

    public bool IncludeDocuments { get; init; }

    public static HybridPlan For(HybridSearchRequest request, ReadOnlyMemory<float> vector) => new()
    {
        Text = request.Text,
        Vector = vector,
        Fusion = request.Fusion,
        Candidates = Math.Max(request.Candidates, request.Skip + request.Top),
        Top = request.Top,
        Skip = request.Skip,
        Filter = request.Filter,
        EfSearch = request.EfSearch,
        IncludeVectors = request.IncludeVectors,
        IncludeDocuments = request.IncludeDocuments,
    };
}
