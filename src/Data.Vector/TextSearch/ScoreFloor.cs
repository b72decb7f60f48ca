namespace Data.Vector.TextSearch;

/// <summary>The highest scores of a search so far: no hit below the lowest of them is among the best.</summary>
internal sealed class ScoreFloor
{
    private readonly PriorityQueue<float, float> _scores = new();
    private int _capacity;

    /// <summary>The lowest score; 0 until there are as many as hits are wanted.</summary>
    public float Value => _scores.Count == _capacity ? _scores.Peek() : 0;

    public void Start(int capacity, ReadOnlySpan<TextHit> hits)
    {
        _scores.Clear();
        _capacity = capacity;
        foreach (var hit in hits)
            Offer(hit.Score);
    }

    public void Offer(float score)
    {
        if (_scores.Count < _capacity)
            _scores.Enqueue(score, score);
        else
            _scores.EnqueueDequeue(score, score);
    }
}
