using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore.Query;

namespace Data.Resilience.Repositories;

/// <summary>Reads and writes entities of one type within one write session.</summary>
/// <typeparam name="T">The entity.</typeparam>
/// <typeparam name="TKey">The type of its primary key; a value tuple, in the key's order, for a composite one.</typeparam>
/// <remarks>
/// Every write is sent at once, so that what it violates is known where it was made; the session commits or rolls back all of them.
/// Writes throw the derived types of <see cref="ConstraintViolationException"/> and <see cref="ConcurrencyConflictException"/>.
/// <inheritdoc cref="IReadRepository{T, TKey}" path="/remarks"/>
/// </remarks>
/// <example>
/// <code>
/// using Data.Resilience.Sessions;
/// using Microsoft.EntityFrameworkCore;
///
/// class Import(IDbSessionFactory&lt;ShopContext&gt; sessions)
/// {
///     public ValueTask RunAsync(IReadOnlyList&lt;Order&gt; orders, CancellationToken cancellationToken) =>
///         sessions.WriteAsync(
///             async (session, token) =>
///             {
///                 var repository = session.Repository&lt;Order, long&gt;();
///                 await repository.AddAsync(new Order { Number = "A-1" }, token);
///                 await repository.BulkInsertAsync(orders, cancellationToken: token);
///             },
///             cancellationToken: cancellationToken);
/// }
///
/// class Order
/// {
///     public long Id { get; set; }
///
///     public string Number { get; set; } = "";
/// }
///
/// class ShopContext(DbContextOptions&lt;ShopContext&gt; options) : DbContext(options);
/// </code>
/// </example>
public interface IRepository<T, TKey> : IReadRepository<T, TKey>
    where T : class
    where TKey : notnull
{
    /// <summary>Adds an entity with everything it refers to that is new.</summary>
    /// <param name="entity">The entity; its generated values are set afterwards.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <exception cref="ConstraintViolationException">A constraint refuses it; the derived type says which kind.</exception>
    Task AddAsync(T entity, CancellationToken cancellationToken = default);

    /// <summary>
    /// Adds entities in as few round trips as EF needs; for thousands use
    /// <see cref="BulkInsertAsync(IEnumerable{T}, BulkInsertOptions, CancellationToken)"/>.
    /// </summary>
    /// <param name="entities">The entities.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <exception cref="ConstraintViolationException">A constraint refuses one.</exception>
    Task AddRangeAsync(IEnumerable<T> entities, CancellationToken cancellationToken = default);

    /// <summary>Writes an entity: a tracked one by its changed columns, a detached one by all of them.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <exception cref="ConcurrencyConflictException{T}">Somebody else changed or deleted it since it was read.</exception>
    /// <exception cref="ConstraintViolationException">A constraint refuses the change.</exception>
    Task UpdateAsync(T entity, CancellationToken cancellationToken = default);

    /// <summary>Deletes an entity.</summary>
    /// <param name="entity">The entity, tracked or not.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <exception cref="ConcurrencyConflictException{T}">Somebody else changed or deleted it since it was read.</exception>
    /// <exception cref="ForeignKeyViolationException">Something still refers to it.</exception>
    Task DeleteAsync(T entity, CancellationToken cancellationToken = default);

    /// <summary>Deletes by key without reading first, whatever the entity's version.</summary>
    /// <param name="key">The primary key.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="ForeignKeyViolationException">Something still refers to it.</exception>
    Task<bool> DeleteAsync(TKey key, CancellationToken cancellationToken = default);

    /// <summary>Sends every pending change of the session's context, entities of other types included.</summary>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>Rows written.</returns>
    /// <exception cref="ConcurrencyConflictException">Somebody else changed or deleted an entity since it was read.</exception>
    /// <exception cref="ConstraintViolationException">A constraint refuses a change.</exception>
    Task<int> SaveAsync(CancellationToken cancellationToken = default);

    /// <summary>Changes all entities that a specification describes by one statement, past the change tracker.</summary>
    /// <param name="specification">Which ones; its order and includes mean nothing here.</param>
    /// <param name="set">Names columns and values, as for EF's <c>ExecuteUpdate</c>.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>Rows changed.</returns>
    /// <remarks>Also sets <see cref="IHasUpdateTime.UpdatedAt"/> where the entity has it.</remarks>
    /// <exception cref="ConstraintViolationException">A constraint refuses the change.</exception>
    Task<int> UpdateAsync(
        Specification<T> specification, Action<UpdateSettersBuilder<T>> set, CancellationToken cancellationToken = default);

    /// <summary>Deletes all entities that a specification describes by one statement, past the change tracker.</summary>
    /// <param name="specification">Which ones; its order and includes mean nothing here.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>Rows deleted.</returns>
    /// <exception cref="ForeignKeyViolationException">Something still refers to one of them.</exception>
    Task<int> DeleteAsync(Specification<T> specification, CancellationToken cancellationToken = default);

    /// <summary>Inserts entities, or updates those that exist already (<c>ON CONFLICT</c>), past the change tracker.</summary>
    /// <param name="entities">The entities; no two may be the same by the conflict key.</param>
    /// <param name="conflictKey">The columns of the unique index that decides what exists, as <c>o => o.Code</c> or <c>o => new {
    /// o.TenantId, o.Code }</c>; null for the primary key.</param>
    /// <param name="update">Whether existing rows are overwritten; false leaves them as they are.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>How many were inserted and updated.</returns>
    /// <remarks>
    /// One round trip per thousand rows or so. Generated values are not read back. <see cref="IHasCreationTime.CreatedAt"/> of existing
    /// rows stays.
    /// </remarks>
    /// <exception cref="ArgumentException"><paramref name="conflictKey"/> is not made of columns.</exception>
    /// <exception cref="ConstraintViolationException">Another constraint than the one of the conflict key refuses a row.</exception>
    Task<UpsertResult> UpsertAsync(
        IEnumerable<T> entities,
        Expression<Func<T, object?>>? conflictKey = null,
        bool update = true,
        CancellationToken cancellationToken = default);

    /// <summary>Inserts many entities by binary COPY, past the change tracker.</summary>
    /// <param name="entities">The entities; read once, in batches.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>Rows inserted.</returns>
    /// <remarks>
    /// Value converters are honoured. Properties that the database generates are left to it where the entity has no value yet, and are set
    /// on the entity only when <see cref="BulkInsertOptions.ReturnKeys"/> asks for it. Related entities are not inserted. Where row-level
    /// security is active for the role, COPY goes to a temporary table first, as PostgreSQL does not allow it otherwise.
    /// </remarks>
    /// <exception cref="ConstraintViolationException">A constraint refuses a row; none of the call's rows stays once the session rolls
    /// back.</exception>
    /// <exception cref="NotSupportedException">The entity's mapping cannot be written by COPY; the message says what and why.</exception>
    Task<long> BulkInsertAsync(IEnumerable<T> entities, BulkInsertOptions? options = null, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="BulkInsertAsync(IEnumerable{T}, BulkInsertOptions, CancellationToken)"/>
    Task<long> BulkInsertAsync(
        IAsyncEnumerable<T> entities,
        BulkInsertOptions? options = null,
        CancellationToken cancellationToken = default);
}
