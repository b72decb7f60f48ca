namespace Data.Resilience.Repositories;

/// <summary>One page of a list that is walked by cursor.</summary>
/// <typeparam name="T">What the list holds.</typeparam>
/// <param name="Items">The page's items in order; empty past the end.</param>
/// <param name="Next">Cursor of the page after this one; null when this is the last.</param>
/// <param name="Previous">Cursor of the page before this one; null when this is the first.</param>
public sealed record KeysetPage<T>(IReadOnlyList<T> Items, string? Next, string? Previous);
