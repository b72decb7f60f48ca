using Microsoft.EntityFrameworkCore;

namespace Data.Resilience.Inbox;

/// <summary>Removes what one context's inbox need no longer remember.</summary>
/// <typeparam name="TContext">The context.</typeparam>
/// <remarks>
/// Safe for concurrent use, also by several processes; a singleton. Runs by itself every <see cref="InboxOptions.CleanUpInterval"/> while
/// the host runs.
/// </remarks>
public interface IInboxRetention<TContext>
    where TContext : DbContext
{
    /// <summary>Removes messages older than <see cref="InboxOptions.Retention"/>, in batches that are transactions of their own.</summary>
    /// <param name="cancellationToken">Ends the removal; what is removed stays removed.</param>
    /// <returns>The number of messages removed, on all shards.</returns>
    /// <exception cref="InvalidOperationException">The table does not exist.</exception>
    Task<long> CleanUpAsync(CancellationToken cancellationToken = default);
}
