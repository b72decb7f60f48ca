namespace Data.Resilience.Retry;

/// <summary>
/// Exponential delays with full jitter: uniform between nothing and a ceiling that doubles, which spreads a crowd of retries best.
/// </summary>
/// <remarks>
/// Safe for concurrent use. Full jitter as in "Exponential Backoff and Jitter", M. Brooker, 2015. Never zero: an immediate retry meets the
/// same trouble.
/// </remarks>
internal sealed class Backoff(TimeSpan baseDelay, TimeSpan maxDelay, int? seed)
{
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(1);
    private readonly Random? _seeded = seed is { } value ? new Random(value) : null;

    /// <summary>Returns the delay before a retry.</summary>
    /// <param name="retry">1 for the first retry.</param>
    public TimeSpan Next(int retry)
    {
        var ceiling = Math.Min(maxDelay.Ticks, baseDelay.Ticks * Math.Pow(2, retry - 1));
        var delay = TimeSpan.FromTicks((long)(ceiling * NextDouble()));
        return delay < Least ? Least : delay;
    }

    private double NextDouble()
    {
        if (_seeded is null)
            return Random.Shared.NextDouble();

        lock (_seeded)
            return _seeded.NextDouble();
    }
}
