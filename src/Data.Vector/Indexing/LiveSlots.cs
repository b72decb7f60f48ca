using System.Numerics;

namespace Data.Vector.Indexing;

/// <summary>Enumerates the visible slots that a filter allows, in order, skipping empty words of the filter.</summary>
internal unsafe ref struct LiveSlots(SlotTable table, byte* states, int limit, SlotFilter filter)
{
    private readonly SlotFilter _filter = filter;
    private ulong _word;
    private int _next;

    public int Current { get; private set; } = -1;

    public readonly LiveSlots GetEnumerator() => this;

    public bool MoveNext() => _filter.IsActive ? MoveNextAllowed() : MoveNextAny();

    private bool MoveNextAny()
    {
        while (++Current < limit)
        {
            if (table.IsVisible(states, Current, _filter.Version))
                return true;
        }

        return false;
    }

    // _next is the next word to load; _word holds the remaining bits of the one before it.
    private bool MoveNextAllowed()
    {
        while (true)
        {
            while (_word == 0)
            {
                if (_next >= _filter.Words.Length)
                    return false;
                _word = _filter.Words[_next++];
            }

            Current = ((_next - 1) << 6) + BitOperations.TrailingZeroCount(_word);
            _word &= _word - 1;
            if (Current >= limit)
                return false;
            if (table.IsVisible(states, Current, _filter.Version))
                return true;
        }
    }
}
