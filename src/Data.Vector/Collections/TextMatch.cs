using System.Runtime.InteropServices;

namespace Data.Vector.Collections;

/// <summary>A record that the text part of a hybrid search found.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TextMatch(VectorRecord Record, float Score);
