using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;

namespace Data.Resilience.Repositories;

/// <summary>Starts specifications.</summary>
public static class Specification
{
    /// <summary>Describes all entities of a type, in no order; narrow it from here.</summary>
    /// <typeparam name="T">The entity.</typeparam>
    /// <returns>A specification that other ones are derived from.</returns>
    /// <example>
    /// <code>
    /// class OrderSpecifications
    /// {
    ///     public static readonly Specification&lt;Order&gt; Latest = Specification.For&lt;Order&gt;()
    ///         .Where(order => order.Total &gt; 0)
    ///         .OrderByDescending(order => order.PlacedAt)
    ///         .Tag("latest-orders");
    /// }
    ///
    /// class Order
    /// {
    ///     public decimal Total { get; set; }
    ///
    ///     public DateTimeOffset PlacedAt { get; set; }
    /// }
    /// </code>
    /// </example>
    public static Specification<T> For<T>()
        where T : class => Specification<T>.All;
}

/// <summary>Describes which entities to read, with which related entities and in which order.</summary>
/// <typeparam name="T">The entity.</typeparam>
/// <remarks>Immutable: every method returns a new one, so a specification may be a shared static field. Safe for concurrent use.</remarks>
public sealed class Specification<T>
    where T : class
{
    internal static readonly Specification<T> All = new();

    private Expression<Func<T, bool>>[] _filters = [];
    private Func<IQueryable<T>, IQueryable<T>>[] _includes = [];
    private string[] _tags = [];
    private bool _split;
    private bool _withoutQueryFilters;

    private Specification()
    {
    }

    internal Ordering[] Orderings { get; private set; } = [];

    /// <summary>Keeps only entities that satisfy a condition, in addition to earlier ones.</summary>
    /// <param name="filter">The condition, translatable to SQL.</param>
    /// <returns>The narrowed specification.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="filter"/> is null.</exception>
    public Specification<T> Where(Expression<Func<T, bool>> filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return With(s => s._filters = [.. _filters, filter]);
    }

    /// <summary>Loads related entities too, in the same query unless <see cref="AsSplitQuery"/> is called.</summary>
    /// <param name="include">Adds <c>Include</c> and <c>ThenInclude</c> calls: <c>q => q.Include(o => o.Items).ThenInclude(i =>
    /// i.Product)</c>.</param>
    /// <returns>The extended specification.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="include"/> is null.</exception>
    public Specification<T> Include(Func<IQueryable<T>, IQueryable<T>> include)
    {
        ArgumentNullException.ThrowIfNull(include);
        return With(s => s._includes = [.. _includes, include]);
    }

    /// <summary>Orders by a column, the smallest first, after the columns that were named before.</summary>
    /// <typeparam name="TValue">The column's type.</typeparam>
    /// <param name="key">The column; a plain member path such as <c>o => o.PlacedAt</c> when keyset pages are wanted.</param>
    /// <returns>The ordered specification.</returns>
    /// <remarks>Nulls come last, as PostgreSQL has it.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    public Specification<T> OrderBy<TValue>(Expression<Func<T, TValue>> key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return With(s => s.Orderings = [.. Orderings, new Ordering(key, Descending: false)]);
    }

    /// <summary>Orders by a column, the largest first, after the columns that were named before.</summary>
    /// <typeparam name="TValue">The column's type.</typeparam>
    /// <param name="key">The column; a plain member path such as <c>o => o.PlacedAt</c> when keyset pages are wanted.</param>
    /// <returns>The ordered specification.</returns>
    /// <remarks>Nulls come first, as PostgreSQL has it.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    public Specification<T> OrderByDescending<TValue>(Expression<Func<T, TValue>> key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return With(s => s.Orderings = [.. Orderings, new Ordering(key, Descending: true)]);
    }

    /// <summary>Loads included collections by queries of their own, which avoids multiplying rows.</summary>
    /// <returns>The changed specification.</returns>
    /// <remarks>One round trip per collection. Outside of a transaction the queries may see different states of the data.</remarks>
    public Specification<T> AsSplitQuery() => With(s => s._split = true);

    /// <summary>Leaves out the model's global query filters.</summary>
    /// <returns>The changed specification.</returns>
    public Specification<T> IgnoreQueryFilters() => With(s => s._withoutQueryFilters = true);

    /// <summary>Names the query: a comment in the SQL, a tag in the slow-query log.</summary>
    /// <param name="tag">A short fixed text; not data of the caller.</param>
    /// <returns>The changed specification.</returns>
    /// <exception cref="ArgumentException"><paramref name="tag"/> is null or empty.</exception>
    public Specification<T> Tag(string tag)
    {
        ArgumentException.ThrowIfNullOrEmpty(tag);
        return With(s => s._tags = [.. _tags, tag]);
    }

    /// <summary>Reads something smaller than the entity.</summary>
    /// <typeparam name="TResult">What is read.</typeparam>
    /// <param name="selector">The projection, translatable to SQL.</param>
    /// <returns>The specification with its projection.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="selector"/> is null.</exception>
    public Specification<T, TResult> Select<TResult>(Expression<Func<T, TResult>> selector)
    {
        ArgumentNullException.ThrowIfNull(selector);
        return new Specification<T, TResult>(this, selector);
    }

    /// <summary>Filters, includes and tags, without the order.</summary>
    internal IQueryable<T> Filter(IQueryable<T> query)
    {
        foreach (var tag in _tags)
            query = query.TagWith(tag);
        if (_withoutQueryFilters)
            query = query.IgnoreQueryFilters();
        foreach (var filter in _filters)
            query = query.Where(filter);
        foreach (var include in _includes)
            query = include(query);
        return _split ? query.AsSplitQuery() : query;
    }

    internal IQueryable<T> Apply(IQueryable<T> query) => Order(Filter(query), Orderings, reverse: false);

    internal static IQueryable<T> Order(IQueryable<T> query, IReadOnlyList<Ordering> orderings, bool reverse)
    {
        for (var i = 0; i < orderings.Count; i++)
            query = orderings[i].Apply(query, first: i == 0, reverse);
        return query;
    }

    private Specification<T> With(Action<Specification<T>> change)
    {
        var copy = (Specification<T>)MemberwiseClone();
        change(copy);
        return copy;
    }
}
