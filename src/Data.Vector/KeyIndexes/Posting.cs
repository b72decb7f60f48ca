using System.Runtime.InteropServices;

namespace Data.Vector.KeyIndexes;

/// <summary>The slots that carry one value: a sorted list while they are few, a bitmap once that is smaller.</summary>
/// <remarks>Not safe for concurrent use; adding and removing are idempotent.</remarks>
internal sealed class Posting
{
    private const int MinBitmapCount = 64;

    private List<int>? _list = [];
    private ulong[] _words = [];

    public int Count { get; private set; }

    public void Add(int slot)
    {
        if (_list is null)
        {
            var word = slot >> 6;
            if (word >= _words.Length)
                Array.Resize(ref _words, Math.Max(word + 1, _words.Length + (_words.Length >> 1)));

            var bit = 1UL << (slot & 63);
            Count += (_words[word] & bit) == 0 ? 1 : 0;
            _words[word] |= bit;
            return;
        }

        if (_list.Count == 0 || slot > _list[^1])
            _list.Add(slot);
        else if (_list.BinarySearch(slot) is var place and < 0)
            _list.Insert(~place, slot);

        Count = _list.Count;

        // A list costs four bytes a slot, a bitmap an eighth of a byte for every slot there is.
        if (Count >= MinBitmapCount && Count > _list[^1] / 32)
            ToBitmap();
    }

    public void Remove(int slot)
    {
        if (_list is not null)
        {
            if (_list.BinarySearch(slot) is var place and >= 0)
                _list.RemoveAt(place);

            Count = _list.Count;
            return;
        }

        var word = slot >> 6;
        var bit = 1UL << (slot & 63);
        if (word < _words.Length && (_words[word] & bit) != 0)
        {
            _words[word] &= ~bit;
            Count--;
        }
    }

    public void OrInto(SlotBitmap bitmap)
    {
        if (_list is null)
        {
            bitmap.Or(_words);
            return;
        }

        foreach (var slot in CollectionsMarshal.AsSpan(_list))
            bitmap.Set(slot);
    }

    private void ToBitmap()
    {
        _words = new ulong[(_list![^1] >> 6) + 1];
        foreach (var slot in _list)
            _words[slot >> 6] |= 1UL << (slot & 63);

        _list = null;
    }
}
