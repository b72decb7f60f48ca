using System.Runtime.InteropServices;

namespace Data.Vector.TextSearch;

/// <summary>A record whose text has words that were searched for.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TextHit(int Slot, VectorRecord Record, float Score)
{
    /// <summary>Compares two hits: the better one, or the one with the lower id, comes first.</summary>
    public static int Compare(TextHit left, TextHit right)
    {
        var order = right.Score.CompareTo(left.Score);
        return order != 0 ? order : string.CompareOrdinal(left.Record.Id, right.Record.Id);
    }
}
