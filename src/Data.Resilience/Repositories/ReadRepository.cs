using Microsoft.EntityFrameworkCore;

namespace Data.Resilience.Repositories;

/// <summary>Reads over a session's context.</summary>
internal class ReadRepository<T, TKey>(DbContext context) : IReadRepository<T, TKey>
    where T : class
    where TKey : notnull
{
    private const int MaxPageSize = 10_000;

    protected DbContext Context { get; } = context;

    protected EntityKey<T, TKey> Key { get; } = EntityKey<T, TKey>.Of(context);

    public Task<T?> FindAsync(TKey key, CancellationToken cancellationToken = default) => Key.FindAsync(Context, key, cancellationToken);

    public async Task<T> GetAsync(TKey key, CancellationToken cancellationToken = default) =>
        await FindAsync(key, cancellationToken).ConfigureAwait(false) ?? throw new EntityNotFoundException(typeof(T));

    public Task<T?> FirstOrDefaultAsync(Specification<T> specification, CancellationToken cancellationToken = default) =>
        Query(specification).FirstOrDefaultAsync(cancellationToken);

    public async Task<IReadOnlyList<T>> ListAsync(Specification<T> specification, CancellationToken cancellationToken = default) =>
        await Query(specification).ToListAsync(cancellationToken).ConfigureAwait(false);

    public async Task<IReadOnlyList<TResult>> ListAsync<TResult>(
        Specification<T, TResult> specification, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(specification);
        return await Query(specification.Source).Select(specification.Selector).ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task<long> CountAsync(Specification<T> specification, CancellationToken cancellationToken = default) =>
        Filter(specification).LongCountAsync(cancellationToken);

    public Task<bool> AnyAsync(Specification<T> specification, CancellationToken cancellationToken = default) =>
        Filter(specification).AnyAsync(cancellationToken);

    public async Task<OffsetPage<T>> PageAsync(
        Specification<T> specification, int number, int size, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        CheckSize(size);
        var filtered = Filter(specification);
        var total = await filtered.LongCountAsync(cancellationToken).ConfigureAwait(false);
        var skip = (number - 1L) * size;
        if (skip >= total)
            return new OffsetPage<T>([], number, size, total);
        var items = await Specification<T>.Order(filtered, Keyset<T>.Total(specification, EntityTypes.Of<T>(Context)), reverse: false)
            .Skip(checked((int)skip)).Take(size).ToListAsync(cancellationToken).ConfigureAwait(false);
        return new OffsetPage<T>(items, number, size, total);
    }

    public Task<KeysetPage<T>> PageAsync(
        Specification<T> specification, int size, string? cursor, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(specification);
        CheckSize(size);
        return new KeysetQuery<T>(Context, specification, size, cursor).ReadAsync(cancellationToken);
    }

    public Task<KeysetPage<TResult>> PageAsync<TResult>(
        Specification<T, TResult> specification, int size, string? cursor, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(specification);
        CheckSize(size);
        return new KeysetQuery<T>(Context, specification.Source, size, cursor).ReadAsync(specification.Selector, cancellationToken);
    }

    public IAsyncEnumerable<T> StreamAsync(Specification<T> specification) => Query(specification).AsNoTracking().AsAsyncEnumerable();

    public IAsyncEnumerable<TResult> StreamAsync<TResult>(Specification<T, TResult> specification)
    {
        ArgumentNullException.ThrowIfNull(specification);
        return Query(specification.Source).AsNoTracking().Select(specification.Selector).AsAsyncEnumerable();
    }

    protected IQueryable<T> Filter(Specification<T> specification)
    {
        ArgumentNullException.ThrowIfNull(specification);
        return specification.Filter(Context.Set<T>());
    }

    private IQueryable<T> Query(Specification<T> specification)
    {
        ArgumentNullException.ThrowIfNull(specification);
        return specification.Apply(Context.Set<T>());
    }

    private static void CheckSize(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, MaxPageSize);
    }
}
