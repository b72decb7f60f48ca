using System.Linq.Expressions;

namespace Data.Resilience.Repositories;

/// <summary>Makes values into what EF recognises as captured variables, hence as SQL parameters.</summary>
internal static class Parameterized
{
    public static Expression Value(object? value, Type type)
    {
        var box = Activator.CreateInstance(typeof(Box<>).MakeGenericType(type), value)!;
        return Expression.Field(Expression.Constant(box), nameof(Box<object>.Value));
    }

    private sealed class Box<TValue>(TValue value)
    {
        public readonly TValue Value = value;
    }
}
