using System.Linq.Expressions;

namespace Data.Resilience.Repositories;

/// <summary>One column of an order.</summary>
internal readonly record struct Ordering(LambdaExpression Key, bool Descending)
{
    public IQueryable<T> Apply<T>(IQueryable<T> query, bool first, bool reverse)
    {
        var method = (first, Descending != reverse) switch
        {
            (true, false) => nameof(Queryable.OrderBy),
            (true, true) => nameof(Queryable.OrderByDescending),
            (false, false) => nameof(Queryable.ThenBy),
            (false, true) => nameof(Queryable.ThenByDescending),
        };
        return query.Provider.CreateQuery<T>(Expression.Call(
            typeof(Queryable), method, [typeof(T), Key.ReturnType], query.Expression, Expression.Quote(Key)));
    }
}
