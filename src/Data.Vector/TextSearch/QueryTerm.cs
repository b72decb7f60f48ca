using System.Runtime.InteropServices;

namespace Data.Vector.TextSearch;

/// <summary>A term that is searched for, and the highest score that a text can have by it.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct QueryTerm(int Term, float Weight);
