using System.Globalization;

namespace Data.Resilience.Sessions;

/// <summary>Thrown when a session ended before anything was sent to the database, because its circuit is open.</summary>
/// <remarks>
/// By default that takes until the call's <c>TotalTimeout</c> is over or more calls wait than <c>CircuitBreaker:QueueLimit</c>; it comes at
/// once with <c>FailFast</c> and while the circuit is isolated manually.
/// </remarks>
public sealed class DbSessionRejectedException : DataResilienceException
{
    internal DbSessionRejectedException(string node, TimeSpan retryAfter)
        : base(string.Create(
            CultureInfo.InvariantCulture,
            $"The circuit of database '{node}' is open; the next probe is allowed in {retryAfter.TotalMilliseconds:F0} ms."))
    {
        Node = node;
        RetryAfter = retryAfter;
    }

    /// <summary>Configured name of the database node.</summary>
    public string Node { get; }

    /// <summary>Time until the next probe; <see cref="Timeout.InfiniteTimeSpan"/> when the circuit is isolated manually.</summary>
    public TimeSpan RetryAfter { get; }
}
