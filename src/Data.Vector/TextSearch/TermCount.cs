using System.Runtime.InteropServices;

namespace Data.Vector.TextSearch;

/// <summary>A term of a document, and how often the document has it.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TermCount(int Term, int Count);
