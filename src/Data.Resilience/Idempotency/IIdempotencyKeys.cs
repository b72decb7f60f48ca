using Microsoft.EntityFrameworkCore;

namespace Data.Resilience.Idempotency;

/// <summary>Maintains the idempotency keys of one context's databases.</summary>
/// <typeparam name="TContext">The context.</typeparam>
/// <remarks>Safe for concurrent use, also by several processes. A singleton.</remarks>
public interface IIdempotencyKeys<TContext>
    where TContext : DbContext
{
    /// <summary>Removes the keys of all tenants that are older than <see cref="IdempotencyOptions.Retention"/>.</summary>
    /// <param name="cancellationToken">Ends the removal between two batches or within one; what was removed stays removed.</param>
    /// <returns>The number of keys removed.</returns>
    /// <remarks>
    /// In statements of <see cref="IdempotencyOptions.RemovalBatchSize"/> keys, each a transaction of its own, on the primary and on every
    /// shard. Age is judged by the server's clock. Keys in use are left to a later call. Not retried.
    /// </remarks>
    /// <exception cref="Npgsql.NpgsqlException">The database failed.</exception>
    Task<long> RemoveExpiredAsync(CancellationToken cancellationToken = default);
}
