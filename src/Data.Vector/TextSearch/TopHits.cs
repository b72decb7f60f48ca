namespace Data.Vector.TextSearch;

/// <summary>The best hits of a search so far, as a heap with the worst of them on top.</summary>
/// <remarks>
/// Of hits that score the same as the worst, the first ones stay: many texts have one score, and to compare their ids is to read them all.
/// </remarks>
internal sealed class TopHits
{
    private const int MostKept = 1 << 12;

    private TextHit[] _heap = [];
    private int _capacity;

    public int Count { get; private set; }

    public bool IsFull => Count == _capacity;

    /// <summary>The score that a hit must exceed to be among the best.</summary>
    public float Threshold => IsFull ? _heap[0].Score : 0;

    public ReadOnlySpan<TextHit> Hits => _heap.AsSpan(0, Count);

    public void Start(int capacity)
    {
        (_capacity, Count) = (capacity, 0);
        if (_heap.Length < capacity)
            _heap = new TextHit[capacity];
    }

    public void Offer(TextHit hit)
    {
        if (!IsFull)
        {
            Rise(Count++, hit);
            return;
        }

        if (hit.Score > _heap[0].Score)
            Sink(hit);
    }

    /// <summary>Orders the hits, the best first, equal scores by id. The heap is used up.</summary>
    public ReadOnlySpan<TextHit> Sort()
    {
        _heap.AsSpan(0, Count).Sort(TextHit.Compare);
        return Hits;
    }

    /// <summary>Forgets the records, which must not be kept alive, and what a single large search needed.</summary>
    public void Clear()
    {
        if (_heap.Length > MostKept)
            _heap = [];

        _heap.AsSpan(0, Math.Min(Count, _heap.Length)).Clear();
        Count = 0;
    }

    private void Rise(int place, TextHit hit)
    {
        while (place > 0 && hit.Score < _heap[(place - 1) / 2].Score)
        {
            _heap[place] = _heap[(place - 1) / 2];
            place = (place - 1) / 2;
        }

        _heap[place] = hit;
    }

    private void Sink(TextHit hit)
    {
        var place = 0;
        while (true)
        {
            var child = (2 * place) + 1;
            if (child >= Count)
                break;

            if (child + 1 < Count && _heap[child + 1].Score < _heap[child].Score)
                child++;

            if (hit.Score <= _heap[child].Score)
                break;

            _heap[place] = _heap[child];
            place = child;
        }

        _heap[place] = hit;
    }
}
