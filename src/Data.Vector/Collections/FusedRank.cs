using System.Runtime.InteropServices;

namespace Data.Vector.Collections;

/// <summary>A record's ranks in the two parts of a hybrid search, 0 where a part did not find it, and its fused score.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FusedRank(string Id, int VectorRank, int TextRank, double Score);
