namespace Data.Vector.TextSearch;

/// <summary>
/// The documents of each slot, by number. Usually one; while a record is replaced in its slot, one for each version of it.
/// </summary>
/// <remarks>Not safe for concurrent use.</remarks>
internal sealed class SlotDocuments
{
    private const int None = -1;

    private readonly Dictionary<int, List<int>> _more = [];
    private int[] _first = [];

    public long Bytes => 4L * _first.Length;

    /// <summary>Appends the documents of a slot to a list.</summary>
    public void Collect(int slot, List<int> into)
    {
        if (slot >= _first.Length || _first[slot] == None)
            return;

        into.Add(_first[slot]);
        if (_more.TryGetValue(slot, out var more))
            into.AddRange(more);
    }

    public void Add(int slot, int document)
    {
        if (slot >= _first.Length)
        {
            var old = _first.Length;
            Array.Resize(ref _first, Math.Max(slot + 1, old + (old >> 1)));
            _first.AsSpan(old).Fill(None);
        }

        if (_first[slot] == None)
            _first[slot] = document;
        else if (_more.TryGetValue(slot, out var more))
            more.Add(document);
        else
            _more.Add(slot, [document]);
    }

    public void Remove(int slot, int document)
    {
        if (!_more.TryGetValue(slot, out var more))
        {
            _first[slot] = None;
            return;
        }

        if (_first[slot] == document)
        {
            _first[slot] = more[0];
            more.RemoveAt(0);
        }
        else
        {
            more.Remove(document);
        }

        if (more.Count == 0)
            _more.Remove(slot);
    }

    /// <summary>Puts a document in place of another.</summary>
    public void Replace(int slot, int old, int document)
    {
        if (_first[slot] == old)
            _first[slot] = document;
        else if (_more.TryGetValue(slot, out var more))
            more[more.IndexOf(old)] = document;
    }
}
