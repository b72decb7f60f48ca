using System.Linq.Expressions;

namespace Data.Resilience.Repositories;

/// <summary>A specification that reads a projection of its entities.</summary>
/// <typeparam name="T">The entity.</typeparam>
/// <typeparam name="TResult">What is read.</typeparam>
/// <remarks>Immutable and safe for concurrent use.</remarks>
public sealed class Specification<T, TResult>
    where T : class
{
    internal Specification(Specification<T> source, Expression<Func<T, TResult>> selector)
    {
        Source = source;
        Selector = selector;
    }

    internal Specification<T> Source { get; }

    internal Expression<Func<T, TResult>> Selector { get; }
}
