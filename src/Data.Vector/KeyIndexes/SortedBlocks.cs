using System.Runtime.InteropServices;
using Data.Vector.Filters;

namespace Data.Vector.KeyIndexes;

/// <summary>An ordered set of entries in blocks of bounded size. Not safe for concurrent use.</summary>
internal sealed class SortedBlocks
{
    private const int BlockSize = 512;

    private readonly List<List<SortedEntry>> _blocks = [];

    public void Add(SortedEntry entry)
    {
        if (_blocks.Count == 0)
        {
            _blocks.Add([entry]);
            return;
        }

        var index = BlockOf(entry);
        var block = _blocks[index];
        var place = block.BinarySearch(entry);
        if (place >= 0)
            return;

        block.Insert(~place, entry);
        if (block.Count > BlockSize)
        {
            // Values that only grow (time stamps) fill the last block: cutting it near its end leaves full blocks behind.
            var cut = index == _blocks.Count - 1 && ~place == block.Count - 1 ? BlockSize : BlockSize / 2;
            _blocks.Insert(index + 1, block.GetRange(cut, block.Count - cut));
            block.RemoveRange(cut, block.Count - cut);
        }
    }

    public void Remove(SortedEntry entry)
    {
        if (_blocks.Count == 0)
            return;

        var index = BlockOf(entry);
        var place = _blocks[index].BinarySearch(entry);
        if (place < 0)
            return;

        _blocks[index].RemoveAt(place);
        if (_blocks[index].Count == 0)
            _blocks.RemoveAt(index);
    }

    /// <summary>Sets the slots of all entries on one side of a bound.</summary>
    public void Collect(ComparisonOperator comparison, MetadataValue bound, SlotBitmap into)
    {
        // With the lowest or highest slot there is, the bound falls before or behind all entries that equal it.
        var before = comparison is ComparisonOperator.Gte or ComparisonOperator.Lt;
        var edge = new SortedEntry(bound, before ? -1 : int.MaxValue);
        var above = comparison is ComparisonOperator.Gt or ComparisonOperator.Gte;
        foreach (var block in CollectionsMarshal.AsSpan(_blocks))
        {
            var entries = CollectionsMarshal.AsSpan(block);
            var place = edge.CompareTo(entries[0]) < 0 ? 0 : edge.CompareTo(entries[^1]) > 0 ? entries.Length : ~entries.BinarySearch(edge);
            foreach (ref readonly var entry in above ? entries[place..] : entries[..place])
                into.Set(entry.Slot);
        }
    }

    /// <summary>The last block that does not begin behind the entry.</summary>
    private int BlockOf(SortedEntry entry)
    {
        var (low, high) = (0, _blocks.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) >>> 1;
            if (_blocks[middle][0].CompareTo(entry) <= 0)
                low = middle;
            else
                high = middle - 1;
        }

        return low;
    }
}
