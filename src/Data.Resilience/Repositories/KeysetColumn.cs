using System.Linq.Expressions;
using System.Reflection;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Data.Resilience.Repositories;

/// <summary>One column of a keyset: its member path, direction, and whether it can be null.</summary>
internal sealed class KeysetColumn
{
    private readonly MemberInfo[] _path;

    private KeysetColumn(LambdaExpression key, MemberInfo[] path, bool descending, bool nullable)
    {
        Key = key;
        _path = path;
        Descending = descending;
        Nullable = nullable;
    }

    public LambdaExpression Key { get; }

    public bool Descending { get; }

    public bool Nullable { get; }

    public Type Type => Key.ReturnType;

    public string Name => string.Join('.', _path.Select(m => m.Name));

    public static KeysetColumn Of(Ordering ordering, IEntityType entityType)
    {
        var path = new Stack<MemberInfo>();
        var body = ordering.Key.Body;
        while (body is MemberExpression { Expression: not null } member)
        {
            path.Push(member.Member);
            body = member.Expression;
        }

        if (body is not ParameterExpression || Resolve(entityType, path) is not { } property)
        {
            throw new NotSupportedException(
                $"Keyset pages need an order by plain columns such as o => o.PlacedAt; \"{ordering.Key}\" is none. Map the value to a "
                + "column, or page by offset.");
        }

        return new KeysetColumn(ordering.Key, [.. path], ordering.Descending, property.IsNullable);
    }

    /// <summary>Finds the mapped property, through complex properties; a related entity's column is none of this row's.</summary>
    private static IProperty? Resolve(ITypeBase type, IEnumerable<MemberInfo> path)
    {
        IProperty? property = null;
        foreach (var member in path)
        {
            if (property is not null)
                return null;
            property = type.FindProperty(member.Name);
            if (property is null)
            {
                if (type.FindComplexProperty(member.Name) is not { IsNullable: false, IsCollection: false } complex)
                    return null;
                type = complex.ComplexType;
            }
        }

        return property;
    }

    /// <summary>The column of a given row.</summary>
    public Expression On(Expression entity) => _path.Aggregate(entity, Expression.MakeMemberAccess);

    /// <summary>Reads the value from an entity in memory.</summary>
    public object? Read(object entity)
    {
        object? value = entity;
        foreach (var member in _path)
        {
            if (value is null)
                return null;
            value = member is PropertyInfo property ? property.GetValue(value) : ((FieldInfo)member).GetValue(value);
        }

        return value;
    }
}
