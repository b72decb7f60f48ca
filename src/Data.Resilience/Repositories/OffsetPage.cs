namespace Data.Resilience.Repositories;

/// <summary>One page of a numbered list, with the total.</summary>
/// <typeparam name="T">What the list holds.</typeparam>
/// <param name="Items">The page's items in order; empty past the end.</param>
/// <param name="Number">The page's number, 1 for the first.</param>
/// <param name="Size">Requested number of items.</param>
/// <param name="TotalCount">Items in the whole list when the page was read.</param>
public sealed record OffsetPage<T>(IReadOnlyList<T> Items, int Number, int Size, long TotalCount)
{
    /// <summary>Pages in the whole list.</summary>
    public long PageCount => (TotalCount + Size - 1) / Size;
}
