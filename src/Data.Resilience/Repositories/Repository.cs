using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Query;

namespace Data.Resilience.Repositories;

/// <summary>Reads and writes over a session's context; every write is flushed at once.</summary>
internal sealed class Repository<T, TKey>(DbContext context) : ReadRepository<T, TKey>(context), IRepository<T, TKey>
    where T : class
    where TKey : notnull
{
    private readonly TimeProvider _time = TimeOf(context);

    public Task AddAsync(T entity, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entity);
        Context.Set<T>().Add(entity);
        return SaveAsync(cancellationToken);
    }

    public Task AddRangeAsync(IEnumerable<T> entities, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entities);
        Context.Set<T>().AddRange(entities);
        return SaveAsync(cancellationToken);
    }

    public Task UpdateAsync(T entity, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entity);
        if (Context.Entry(entity).State == EntityState.Detached)
            Context.Set<T>().Update(entity);
        return SaveAsync(cancellationToken);
    }

    public Task DeleteAsync(T entity, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entity);
        Context.Set<T>().Remove(entity);
        return SaveAsync(cancellationToken);
    }

    public async Task<bool> DeleteAsync(TKey key, CancellationToken cancellationToken = default) =>
        await GuardAsync(() => Context.Set<T>().Where(Key.Equal(key)).ExecuteDeleteAsync(cancellationToken)).ConfigureAwait(false) > 0;

    public async Task<int> SaveAsync(CancellationToken cancellationToken = default)
    {
        Timestamps.Stamp(Context, _time);
        try
        {
            return await GuardAsync(() => Context.SaveChangesAsync(cancellationToken)).ConfigureAwait(false);
        }
        catch (DbUpdateConcurrencyException e)
        {
            throw await ConcurrencyConflicts.DescribeAsync<T>(e, cancellationToken).ConfigureAwait(false);
        }
    }

    public Task<int> UpdateAsync(
        Specification<T> specification, Action<UpdateSettersBuilder<T>> set, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(set);
        var now = Timestamps.Now(_time);
        var filtered = Filter(specification);
        return GuardAsync(() => filtered.ExecuteUpdateAsync(
            setters =>
            {
                set(setters);
                if (typeof(IHasUpdateTime).IsAssignableFrom(typeof(T)))
                    setters.SetProperty(e => EF.Property<DateTimeOffset>(e, nameof(IHasUpdateTime.UpdatedAt)), now);
            },
            cancellationToken));
    }

    public Task<int> DeleteAsync(Specification<T> specification, CancellationToken cancellationToken = default)
    {
        var filtered = Filter(specification);
        return GuardAsync(() => filtered.ExecuteDeleteAsync(cancellationToken));
    }

    public Task<UpsertResult> UpsertAsync(
        IEnumerable<T> entities,
        Expression<Func<T, object?>>? conflictKey = null,
        bool update = true,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entities);
        var upsert = new Upsert<T>(Context, conflictKey, update, Timestamps.Now(_time));
        return GuardAsync(() => upsert.RunAsync(entities, cancellationToken));
    }

    public Task<long> BulkInsertAsync(
        IEnumerable<T> entities, BulkInsertOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entities);
        var insert = new BulkInsert<T>(Context, options ?? BulkInsertOptions.Default, _time);
        return GuardAsync(() => insert.RunAsync(entities, cancellationToken));
    }

    public Task<long> BulkInsertAsync(
        IAsyncEnumerable<T> entities, BulkInsertOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entities);
        var insert = new BulkInsert<T>(Context, options ?? BulkInsertOptions.Default, _time);
        return GuardAsync(() => insert.RunAsync(entities, cancellationToken));
    }

    private static TimeProvider TimeOf(DbContext context) =>
        (TimeProvider?)context.GetService<IDbContextOptions>().FindExtension<CoreOptionsExtension>()?
            .ApplicationServiceProvider?.GetService(typeof(TimeProvider))
        ?? throw new InvalidOperationException($"{context.GetType().Name} has no TimeProvider among its services. Register the context "
            + "with AddDataResilience, which adds one.");

    private static async Task<TResult> GuardAsync<TResult>(Func<Task<TResult>> write)
    {
        try
        {
            return await write().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not ConstraintViolationException && ConstraintViolationException.From(e) is not null)
        {
            throw ConstraintViolationException.From(e)!;
        }
    }
}
