using System.Globalization;

namespace Data.Resilience.Sessions;

/// <summary>Thrown when the open circuit rejected a session before anything was sent to the database.</summary>
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
