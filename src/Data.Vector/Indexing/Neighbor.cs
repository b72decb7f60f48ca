namespace Data.Vector.Indexing;

/// <summary>One search result: a slot and its exact distance. Orders by distance, then slot.</summary>
internal readonly record struct Neighbor(int Slot, float Distance) : IComparable<Neighbor>
{
    public int CompareTo(Neighbor other)
    {
        if (Distance < other.Distance)
            return -1;
        return Distance > other.Distance ? 1 : Slot.CompareTo(other.Slot);
    }
}
