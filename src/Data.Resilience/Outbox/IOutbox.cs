using Microsoft.EntityFrameworkCore;

namespace Data.Resilience.Outbox;

/// <summary>Shows how one context's outbox is doing, and handles its dead letters.</summary>
/// <typeparam name="TContext">The context.</typeparam>
/// <remarks>
/// Safe for concurrent use; a singleton. Works as the dispatcher's role, and on every shard when there are several. Each method takes one
/// round trip per database and is not retried.
/// </remarks>
public interface IOutbox<TContext>
    where TContext : DbContext
{
    /// <summary>Reads depth, lag and the number of dead letters.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The status, summed over shards; the lag is the greatest.</returns>
    /// <exception cref="InvalidOperationException">The outbox's tables do not exist.</exception>
    Task<OutboxStatus> GetStatusAsync(CancellationToken cancellationToken = default);

    /// <summary>Lists dead letters, the latest first.</summary>
    /// <param name="limit">Largest number per database; positive.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The dead letters.</returns>
    /// <exception cref="InvalidOperationException">The outbox's tables do not exist.</exception>
    Task<IReadOnlyList<OutboxDeadLetter>> ListDeadLettersAsync(int limit = 100, CancellationToken cancellationToken = default);

    /// <summary>Puts dead letters back into the outbox, with their ids and no attempts counted.</summary>
    /// <param name="messageIds">Ids of the messages; unknown ones are ignored.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The number of messages put back.</returns>
    /// <remarks>
    /// Later messages of the same key did not wait for them, so a replayed message comes after messages that were committed later than it.
    /// Among each other they keep their order when they are replayed by one call.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The outbox's tables do not exist.</exception>
    Task<int> ReplayAsync(IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken = default);

    /// <summary>Deletes dead letters for good.</summary>
    /// <param name="messageIds">Ids of the messages; unknown ones are ignored.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The number of messages deleted.</returns>
    /// <exception cref="InvalidOperationException">The outbox's tables do not exist.</exception>
    Task<int> DeleteDeadLettersAsync(IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken = default);
}
