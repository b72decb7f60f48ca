using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Data.Resilience.Repositories;

/// <summary>The primary key of one entity type, as a predicate and as an order. Made once per model.</summary>
internal sealed class EntityKey<T, TKey>
    where T : class
    where TKey : notnull
{
    private const string Annotation = "Data.Resilience:EntityKey";
    private static readonly MethodInfo PropertyMethod = typeof(EF).GetMethod(nameof(EF.Property))!;

    private readonly IReadOnlyList<IProperty> _properties;
    private readonly Func<DbContext, TKey, CancellationToken, Task<T?>>? _findTracked;
    private readonly Func<DbContext, TKey, CancellationToken, Task<T?>>? _findUntracked;

    private EntityKey(IEntityType entityType)
    {
        _properties = entityType.FindPrimaryKey()?.Properties
            ?? throw new InvalidOperationException($"{typeof(T).Name} has no primary key; repositories need one.");
        var types = _properties.Select(p => p.ClrType).ToArray();
        var given = _properties.Count == 1 ? [typeof(TKey)] : typeof(TKey).GetGenericArguments();
        if (!types.SequenceEqual(given) || (_properties.Count > 1 && !typeof(ITuple).IsAssignableFrom(typeof(TKey))))
        {
            throw new InvalidOperationException(
                $"The key of {typeof(T).Name} is ({string.Join(", ", _properties.Select(p => $"{p.ClrType.Name} {p.Name}"))}), "
                + $"but the repository was requested with {typeof(TKey).Name}; use that type, or a value tuple of those types.");
        }

        if (_properties.Count == 1)
        {
            // Compiled queries fix their tracking behaviour when they first run, hence two.
            var name = _properties[0].Name;
            _findTracked = Compile(name, tracking: true);
            _findUntracked = Compile(name, tracking: false);
        }
    }

    public IReadOnlyList<IProperty> Properties => _properties;

    public static EntityKey<T, TKey> Of(DbContext context) => EntityTypes.Of<T>(context)
        .GetOrAddRuntimeAnnotationValue(
            $"{Annotation}:{typeof(TKey)}",
            static type => new EntityKey<T, TKey>(type!),
            EntityTypes.Of<T>(context));

    public Task<T?> FindAsync(DbContext context, TKey key, CancellationToken cancellationToken)
    {
        var tracking = context.ChangeTracker.QueryTrackingBehavior == QueryTrackingBehavior.TrackAll;
        if (tracking && context.Set<T>().Local.FindEntryUntyped(Values(key))?.Entity is { } local)
            return Task.FromResult<T?>(local);
        var compiled = tracking ? _findTracked : _findUntracked;
        return compiled is not null
            ? compiled(context, key, cancellationToken)
            : context.Set<T>().FirstOrDefaultAsync(Equal(key), cancellationToken);
    }

    /// <summary>Matches one key; the values become parameters, so that all keys share one query plan.</summary>
    public Expression<Func<T, bool>> Equal(TKey key)
    {
        var entity = Expression.Parameter(typeof(T), "e");
        var values = Values(key);
        Expression? all = null;
        for (var i = 0; i < values.Length; i++)
        {
            var type = _properties[i].ClrType;
            var equal = Expression.Equal(Member(entity, _properties[i].Name, type), Parameterized.Value(values[i], type));
            all = all is null ? equal : Expression.AndAlso(all, equal);
        }

        return Expression.Lambda<Func<T, bool>>(all!, entity);
    }

    private object?[] Values(TKey key)
    {
        if (_properties.Count == 1)
            return [key];
        var tuple = (ITuple)key;
        var values = new object?[tuple.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = tuple[i];
        return values;
    }

    private static Func<DbContext, TKey, CancellationToken, Task<T?>> Compile(string property, bool tracking)
    {
        var context = Expression.Parameter(typeof(DbContext), "context");
        var key = Expression.Parameter(typeof(TKey), "key");
        var token = Expression.Parameter(typeof(CancellationToken), "token");
        var entity = Expression.Parameter(typeof(T), "e");
        var where = Expression.Lambda<Func<T, bool>>(Expression.Equal(Member(entity, property, typeof(TKey)), key), entity);
        Expression set = Expression.Call(context, nameof(DbContext.Set), [typeof(T)]);
        set = Expression.Call(
            typeof(EntityFrameworkQueryableExtensions),
            tracking ? nameof(EntityFrameworkQueryableExtensions.AsTracking) : nameof(EntityFrameworkQueryableExtensions.AsNoTracking),
            [typeof(T)],
            set);
        var first = Expression.Call(typeof(Queryable), nameof(Queryable.FirstOrDefault), [typeof(T)], set, Expression.Quote(where));
        return EF.CompileAsyncQuery(Expression.Lambda<Func<DbContext, TKey, CancellationToken, T?>>(first, context, key, token));
    }

    private static MethodCallExpression Member(ParameterExpression entity, string property, Type type) =>
        Expression.Call(PropertyMethod.MakeGenericMethod(type), entity, Expression.Constant(property));
}
