namespace Data.Resilience.Repositories;

/// <summary>A projection with the key values its cursor is made of.</summary>
internal sealed class KeysetRow<TResult>
{
    public required TResult Item { get; init; }

    public required object?[] Keys { get; init; }
}
