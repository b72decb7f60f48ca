namespace Data.Resilience.Retry;

/// <summary>
/// Keeps retries from multiplying the load on a database that is in trouble: a bucket of tokens, drained by one per failure and refilled by
/// a fraction of one per success; at half or below, a retry waits for its turn or is not made. The rule is gRPC's retry throttling
/// (proposal A6).
/// </summary>
/// <remarks>
/// Safe for concurrent use, without locks. With every call failing, a full bucket of n tokens allows at most n / 2 retries before it
/// closes, whatever the number of calls. Conflicts between transactions do not drain it: they say nothing about the health of the database.
/// </remarks>
internal sealed class RetryBudget
{
    private const int Scale = 1000;
    private readonly int _capacity;
    private readonly int _refill;
    private int _tokens;

    public RetryBudget(int capacity, double refill)
    {
        _capacity = capacity * Scale;
        _refill = (int)Math.Round(refill * Scale);
        _tokens = _capacity;
    }

    /// <summary>Whether a retry is allowed now.</summary>
    public bool AllowsRetry => _capacity == 0 || Volatile.Read(ref _tokens) > _capacity / 2;

    /// <summary>Tokens left, for metrics.</summary>
    public double Tokens => Volatile.Read(ref _tokens) / (double)Scale;

    public void OnFailure(int weight) => Move(-weight * Scale);

    public void OnSuccess()
    {
        // A full bucket, the normal state, costs one read.
        if (Volatile.Read(ref _tokens) < _capacity)
            Move(_refill);
    }

    private void Move(int change)
    {
        int seen, next;
        do
        {
            seen = Volatile.Read(ref _tokens);
            next = Math.Clamp(seen + change, 0, _capacity);
        }
        while (next != seen && Interlocked.CompareExchange(ref _tokens, next, seen) != seen);
    }
}
