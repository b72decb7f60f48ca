namespace Data.Resilience.Repositories;

/// <summary>Reads entities of one type within one session.</summary>
/// <typeparam name="T">The entity.</typeparam>
/// <typeparam name="TKey">The type of its primary key; a value tuple, in the key's order, for a composite one.</typeparam>
/// <remarks>
/// As short-lived as the session it came from, and like it not safe for concurrent use. In a read session nothing is tracked.
/// Each method is one round trip unless it says otherwise. All throw <see cref="OperationCanceledException"/> when cancelled.
/// </remarks>
/// <example>
/// <code>
/// using Data.Resilience.Sessions;
/// using Microsoft.EntityFrameworkCore;
///
/// class Orders(IDbSessionFactory&lt;ShopContext&gt; sessions)
/// {
///     private static readonly Specification&lt;Order&gt; Latest =
///         Specification.For&lt;Order&gt;().OrderByDescending(order => order.PlacedAt);
///
///     public ValueTask&lt;KeysetPage&lt;Order&gt;&gt; PageAsync(string? cursor, CancellationToken cancellationToken) =>
///         sessions.ReadAsync(
///             (session, token) => session.ReadRepository&lt;Order, long&gt;().PageAsync(Latest, size: 50, cursor, token),
///             cancellationToken: cancellationToken);
/// }
///
/// class Order
/// {
///     public long Id { get; set; }
///
///     public DateTimeOffset PlacedAt { get; set; }
/// }
///
/// class ShopContext(DbContextOptions&lt;ShopContext&gt; options) : DbContext(options);
/// </code>
/// </example>
public interface IReadRepository<T, TKey>
    where T : class
    where TKey : notnull
{
    /// <summary>Finds an entity by its key.</summary>
    /// <param name="key">The primary key.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>The entity, or null. A tracked one is returned without asking the database.</returns>
    Task<T?> FindAsync(TKey key, CancellationToken cancellationToken = default);

    /// <summary>Returns an entity that must exist.</summary>
    /// <param name="key">The primary key.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>The entity.</returns>
    /// <exception cref="EntityNotFoundException">There is none.</exception>
    Task<T> GetAsync(TKey key, CancellationToken cancellationToken = default);

    /// <summary>Reads the first entity that a specification describes.</summary>
    /// <param name="specification">What is wanted.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>The first in the specification's order, or null.</returns>
    Task<T?> FirstOrDefaultAsync(Specification<T> specification, CancellationToken cancellationToken = default);

    /// <summary>Reads all entities that a specification describes.</summary>
    /// <param name="specification">What is wanted.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>The entities in the specification's order; empty when there are none.</returns>
    Task<IReadOnlyList<T>> ListAsync(Specification<T> specification, CancellationToken cancellationToken = default);

    /// <summary>Reads a projection of all entities that a specification describes.</summary>
    /// <typeparam name="TResult">The projection.</typeparam>
    /// <param name="specification">What is wanted.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>The projections in the specification's order; empty when there are none.</returns>
    Task<IReadOnlyList<TResult>> ListAsync<TResult>(Specification<T, TResult> specification, CancellationToken cancellationToken = default);

    /// <summary>Counts the entities that a specification describes.</summary>
    /// <param name="specification">What is counted.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>Their number.</returns>
    Task<long> CountAsync(Specification<T> specification, CancellationToken cancellationToken = default);

    /// <summary>Tells whether a specification describes any entity.</summary>
    /// <param name="specification">What is looked for.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>True when there is at least one.</returns>
    Task<bool> AnyAsync(Specification<T> specification, CancellationToken cancellationToken = default);

    /// <summary>
    /// Reads a numbered page and the total; the server reads and drops every row before it, so prefer cursors for long lists.
    /// </summary>
    /// <param name="specification">The list; ties are broken by the primary key.</param>
    /// <param name="number">The page's number, 1 or more.</param>
    /// <param name="size">Items per page, 1 to 10,000.</param>
    /// <param name="cancellationToken">Cancels the queries.</param>
    /// <returns>The page.</returns>
    /// <remarks>Two round trips.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    Task<OffsetPage<T>> PageAsync(Specification<T> specification, int number, int size, CancellationToken cancellationToken = default);

    /// <summary>Reads the page after (or before) a cursor, at the same cost wherever it is in the list.</summary>
    /// <param name="specification">The list; ties are broken by the primary key. Its order must be made of plain columns of the
    /// entity.</param>
    /// <param name="size">Items per page, 1 to 10,000.</param>
    /// <param name="cursor">A cursor of an earlier page of the same list; null for the first page.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>The page with the cursors of its neighbours.</returns>
    /// <remarks>Constant cost needs an index on the order's columns, with the filter's columns before them.</remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is out of its range.</exception>
    /// <exception cref="InvalidCursorException">The cursor was altered, or made for another order.</exception>
    /// <exception cref="NotSupportedException">The order has a column that is not a plain member path.</exception>
    Task<KeysetPage<T>> PageAsync(Specification<T> specification, int size, string? cursor, CancellationToken cancellationToken = default);

    /// <summary>Reads a projection of the page after (or before) a cursor.</summary>
    /// <typeparam name="TResult">The projection.</typeparam>
    /// <inheritdoc cref="PageAsync(Specification{T}, int, string, CancellationToken)"/>
    Task<KeysetPage<TResult>> PageAsync<TResult>(
        Specification<T, TResult> specification, int size, string? cursor, CancellationToken cancellationToken = default);

    /// <summary>Reads entities one by one without holding them all in memory.</summary>
    /// <param name="specification">What is wanted.</param>
    /// <returns>The entities in order, read while the caller iterates; the connection is busy until then. Never tracked.</returns>
    IAsyncEnumerable<T> StreamAsync(Specification<T> specification);

    /// <summary>Reads projections one by one without holding them all in memory.</summary>
    /// <typeparam name="TResult">The projection.</typeparam>
    /// <param name="specification">What is wanted.</param>
    /// <returns>The projections in order, read while the caller iterates; the connection is busy until then.</returns>
    IAsyncEnumerable<TResult> StreamAsync<TResult>(Specification<T, TResult> specification);
}
