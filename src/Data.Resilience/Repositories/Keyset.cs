using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Data.Resilience.Repositories;

/// <summary>
/// A total order over the rows of a specification, and the predicate "after this row".
/// </summary>
/// <remarks>
/// When all columns run in one direction and none is nullable, the predicate is PostgreSQL's row comparison (a, b) &gt; (x, y), which an
/// index on (a, b) answers by one descent. Otherwise it is the expanded form a &gt; x OR (a = x AND b &lt; y) …, preceded by the redundant
/// a &gt;= x, without which the planner has nothing to start an index scan from. Nulls are larger than everything, as PostgreSQL sorts
/// them.
/// </remarks>
internal sealed class Keyset<T>
    where T : class
{
    private static readonly MethodInfo CompareStrings = typeof(string).GetMethod(nameof(string.Compare), [typeof(string), typeof(string)])!;

    private readonly KeysetColumn[] _columns;

    private Keyset(KeysetColumn[] columns)
    {
        _columns = columns;
        Orderings = [.. columns.Select(c => new Ordering(c.Key, c.Descending))];
        Signature = $"{typeof(T).FullName}|{string.Join('|', columns.Select(c => $"{c.Name} {(c.Descending ? 'd' : 'a')} {c.Type}"))}";
    }

    public IReadOnlyList<KeysetColumn> Columns => _columns;

    public Ordering[] Orderings { get; }

    /// <summary>What a cursor must have been made for.</summary>
    public string Signature { get; }

    /// <summary>Completes a specification's order by the primary key, so that it has no ties.</summary>
    public static Keyset<T> Of(Specification<T> specification, IEntityType entityType)
    {
        var columns = specification.Orderings.Select(o => KeysetColumn.Of(o, entityType)).ToList();
        // A key column runs in the direction of the last named one: a uniform order can use the row comparison and a plain index.
        var descending = columns.Count > 0 && columns[^1].Descending;
        foreach (var property in entityType.FindPrimaryKey()!.Properties)
        {
            if (!columns.Exists(c => string.Equals(c.Name, property.Name, StringComparison.Ordinal)))
                columns.Add(KeysetColumn.Of(new Ordering(KeyLambda(property), descending), entityType));
        }

        return new Keyset<T>([.. columns]);
    }

    /// <summary>The specification's order, completed by the primary key; the named columns may be any expression.</summary>
    public static Ordering[] Total(Specification<T> specification, IEntityType entityType)
    {
        var descending = specification.Orderings is [.., { Descending: true }];
        return
        [
            .. specification.Orderings,
            .. entityType.FindPrimaryKey()!.Properties.Select(p => new Ordering(KeyLambda(p), descending)),
        ];
    }

    /// <summary>Rows that come after the given one; before it, when reversed.</summary>
    public Expression<Func<T, bool>> After(object?[] values, bool reverse)
    {
        var entity = Expression.Parameter(typeof(T), "e");
        var body = Uniform() ? RowComparison(entity, values, _columns[0].Descending != reverse) : Expanded(entity, values, reverse);
        return Expression.Lambda<Func<T, bool>>(body, entity);
    }

    private static LambdaExpression KeyLambda(IProperty property)
    {
        var entity = Expression.Parameter(typeof(T), "e");
        var member = (MemberInfo?)property.PropertyInfo ?? property.FieldInfo
            ?? throw new NotSupportedException(
                $"Keyset pages need the key of {typeof(T).Name} as a property; {property.Name} is a shadow property.");
        return Expression.Lambda(Expression.MakeMemberAccess(entity, member), entity);
    }

    // ValueTuple.Create takes seven.
    private bool Uniform() => _columns.Length is > 1 and <= 7 && _columns.All(c => !c.Nullable && c.Descending == _columns[0].Descending);

    private MethodCallExpression RowComparison(ParameterExpression entity, object?[] values, bool less)
    {
        var row = Tuple(_columns.Select(c => c.On(entity)));
        var bound = Tuple(_columns.Select((c, i) => Parameterized.Value(values[i], c.Type)));
        var method = less ? nameof(NpgsqlDbFunctionsExtensions.LessThan) : nameof(NpgsqlDbFunctionsExtensions.GreaterThan);
        return Expression.Call(
            typeof(NpgsqlDbFunctionsExtensions),
            method,
            typeArguments: null,
            Expression.Constant(EF.Functions),
            Expression.Convert(row, typeof(ITuple)),
            Expression.Convert(bound, typeof(ITuple)));
    }

    private static MethodCallExpression Tuple(IEnumerable<Expression> items)
    {
        var arguments = items.ToArray();
        return Expression.Call(typeof(ValueTuple), nameof(ValueTuple.Create), [.. arguments.Select(a => a.Type)], arguments);
    }

    private Expression Expanded(ParameterExpression entity, object?[] values, bool reverse)
    {
        Expression? any = null;
        for (var last = _columns.Length - 1; last >= 0; last--)
        {
            var term = Beyond(_columns[last], entity, values[last], reverse);
            for (var i = last - 1; i >= 0 && term is not null; i--)
                term = Expression.AndAlso(Same(_columns[i], entity, values[i]), term);
            if (term is not null)
                any = any is null ? term : Expression.OrElse(term, any);
        }

        any ??= Expression.Constant(value: false);
        var first = _columns[0];
        if (first.Nullable || values[0] is null || _columns.Length == 1)
            return any;
        return Expression.AndAlso(Compare(first, entity, values[0]!, first.Descending != reverse, orEqual: true), any);
    }

    /// <summary>The column is past the value in its direction; null when nothing can be.</summary>
    private static Expression? Beyond(KeysetColumn column, ParameterExpression entity, object? value, bool reverse)
    {
        var descending = column.Descending != reverse;
        if (value is null)
            return descending ? Expression.NotEqual(column.On(entity), Expression.Constant(value: null, column.Type)) : null;
        var beyond = Compare(column, entity, value, descending, orEqual: false);
        return column.Nullable && !descending
            ? Expression.OrElse(beyond, Expression.Equal(column.On(entity), Expression.Constant(value: null, column.Type)))
            : beyond;
    }

    private static BinaryExpression Same(KeysetColumn column, ParameterExpression entity, object? value) =>
        Expression.Equal(
            column.On(entity),
            value is null ? Expression.Constant(value: null, column.Type) : Parameterized.Value(value, column.Type));

    private static Expression Compare(KeysetColumn column, ParameterExpression entity, object value, bool less, bool orEqual)
    {
        var kind = (less, orEqual) switch
        {
            (true, false) => ExpressionType.LessThan,
            (true, true) => ExpressionType.LessThanOrEqual,
            (false, false) => ExpressionType.GreaterThan,
            (false, true) => ExpressionType.GreaterThanOrEqual,
        };
        var member = column.On(entity);
        var bound = Parameterized.Value(value, column.Type);
        var type = Nullable.GetUnderlyingType(column.Type) ?? column.Type;
        if (type == typeof(string))
            return Expression.MakeBinary(kind, Expression.Call(CompareStrings, member, bound), Expression.Constant(0));
        if (type == typeof(bool))
            return CompareBooleans(member, (bool)value, column.Type, less, orEqual);
        if (type.IsEnum)
        {
            var number = column.Type == type ?
                type.GetEnumUnderlyingType() :
                typeof(Nullable<>).MakeGenericType(type.GetEnumUnderlyingType());
            return Expression.MakeBinary(kind, Expression.Convert(member, number), Expression.Convert(bound, number));
        }

        return Expression.MakeBinary(kind, member, bound);
    }

    private static Expression CompareBooleans(Expression member, bool value, Type type, bool less, bool orEqual)
    {
        // false < true: SQL has the operators, C# has not.
        bool[] matching = (less, orEqual, value) switch
        {
            (true, false, true) => [false],
            (false, false, false) => [true],
            (_, false, _) => [],
            (true, true, true) or (false, true, false) => [false, true],
            (_, true, _) => [value],
        };
        return matching.Aggregate(
            (Expression)Expression.Constant(value: false),
            (any, one) => Expression.OrElse(any, Expression.Equal(member, Expression.Constant(one, type))));
    }
}
