namespace Data.Resilience.Interceptors;

/// <summary>The table of statements by what they cost, fed by every context that uses query diagnostics.</summary>
/// <remarks>One per application, thread-safe. The same figures leave as metrics of the meter <c>Data.Resilience</c>.</remarks>
/// <example>
/// <code>
/// var monitor = provider.GetRequiredService&lt;IQueryMonitor&gt;();
/// foreach (var row in monitor.Top(10))
///     Console.WriteLine($"{row.Total} {row.Count}x p95 {row.P95} {row.Fingerprint}");
/// </code>
/// </example>
public interface IQueryMonitor
{
    /// <summary>Returns the most expensive statements since the start or the last reset.</summary>
    /// <param name="count">Rows wanted, 1 or more.</param>
    /// <returns>At most <paramref name="count"/> rows, the largest total time first; empty when nothing ran.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is less than 1.</exception>
    IReadOnlyList<QueryStatistics> Top(int count);

    /// <summary>Forgets all figures; running commands count from here.</summary>
    void Reset();
}
