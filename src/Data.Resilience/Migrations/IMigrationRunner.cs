using Microsoft.EntityFrameworkCore;

namespace Data.Resilience.Migrations;

/// <summary>Applies and reverts a context's migrations, one instance at a time however many start at once.</summary>
/// <typeparam name="TContext">The context.</typeparam>
/// <remarks>
/// A singleton, safe for concurrent use. Instances coordinate through a PostgreSQL advisory lock held on a connection of its own: the lock
/// ends with that connection, so an instance that dies leaves nothing behind.
/// </remarks>
/// <example>
/// <code>
/// using Microsoft.EntityFrameworkCore;
///
/// services.AddDataResilience&lt;ShopContext&gt;(o => o.ConnectionString = "Host=localhost;Database=shop").AddMigrations();
///
/// var runner = provider.GetRequiredService&lt;IMigrationRunner&lt;ShopContext&gt;&gt;();
/// var result = await runner.UpAsync(cancellationToken: cancellationToken);
/// foreach (var difference in await runner.CompareSchemaAsync(cancellationToken))
///     Console.WriteLine(difference);
///
/// class ShopContext(DbContextOptions&lt;ShopContext&gt; options) : DbContext(options);
/// </code>
/// </example>
public interface IMigrationRunner<TContext>
    where TContext : DbContext
{
    /// <summary>Returns the migrations that the application has and the database lacks.</summary>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>Their names in order; empty when the database is up to date.</returns>
    /// <remarks>One round trip, no lock.</remarks>
    Task<IReadOnlyList<string>> GetPendingAsync(CancellationToken cancellationToken = default);

    /// <summary>Applies pending migrations, up to and including a named one.</summary>
    /// <param name="target">The last migration to apply, with or without its time stamp; null for all.</param>
    /// <param name="cancellationToken">Cancels the run; a migration under way is rolled back.</param>
    /// <returns>What was applied.</returns>
    /// <exception cref="ArgumentException">There is no such migration; the message lists those there are.</exception>
    /// <exception cref="InvalidOperationException">The database is past <paramref name="target"/>: that would be
    /// <see cref="DownAsync"/>.</exception>
    /// <exception cref="MigrationLockTimeoutException">Another instance has been migrating for too long.</exception>
    Task<MigrationResult> UpAsync(string? target = null, CancellationToken cancellationToken = default);

    /// <summary>Reverts the migrations that were applied after a named one.</summary>
    /// <param name="target">The migration to stay at, with or without its time stamp; "0" to revert all.</param>
    /// <param name="cancellationToken">Cancels the run; a migration under way is rolled back.</param>
    /// <returns>What was reverted.</returns>
    /// <exception cref="ArgumentException">There is no such migration; the message lists those there are.</exception>
    /// <exception cref="InvalidOperationException">The database has not reached <paramref name="target"/>: that would be
    /// <see cref="UpAsync"/>.</exception>
    /// <exception cref="MigrationLockTimeoutException">Another instance has been migrating for too long.</exception>
    Task<MigrationResult> DownAsync(string target, CancellationToken cancellationToken = default);

    /// <summary>Compares the model with what the database really holds.</summary>
    /// <param name="cancellationToken">Cancels the queries.</param>
    /// <returns>Each difference in tables, columns, types, nullability, keys, indexes and constraints; empty when they agree.</returns>
    /// <remarks>
    /// Reads PostgreSQL's catalogue, not the migration history, so it also finds changes made by hand. Three round trips, no lock.
    /// </remarks>
    Task<IReadOnlyList<SchemaDifference>> CompareSchemaAsync(CancellationToken cancellationToken = default);
}
