using System.Runtime.InteropServices;
using Data.Vector.Filters;

namespace Data.Vector.KeyIndexes;

/// <summary>A value and a slot that carries it, ordered by value, then slot.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SortedEntry(MetadataValue Value, int Slot) : IComparable<SortedEntry>
{
    public int CompareTo(SortedEntry other)
    {
        ScalarOrder.TryCompare(Value, other.Value, out var order);
        return order != 0 ? order : Slot.CompareTo(other.Slot);
    }
}
