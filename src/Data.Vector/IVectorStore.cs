namespace Data.Vector;

/// <summary>A place that holds collections of vectors: in process, in Chroma, or elsewhere.</summary>
/// <remarks>Safe for concurrent use; one instance serves the whole application.</remarks>
public interface IVectorStore
{
    /// <summary>Makes a collection.</summary>
    /// <param name="name">3 to 512 characters of <c>A-Z a-z 0-9 . _ -</c>, beginning and ending with a letter or digit.</param>
    /// <param name="options">Dimensions, metric and index; fixed for the collection's life.</param>
    /// <param name="cancellationToken">Cancels the wait; the collection may exist all the same.</param>
    /// <returns>The collection, empty.</returns>
    /// <exception cref="VectorCollectionExistsException">There is one of that name.</exception>
    /// <exception cref="VectorInputException">The name or an option is out of its range.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    Task<IVectorCollection> CreateCollectionAsync(
        string name,
        VectorCollectionOptions options,
        CancellationToken cancellationToken = default);

    /// <summary>Opens a collection that exists.</summary>
    /// <param name="name">The collection's name.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The collection; embedded stores return the same instance every time.</returns>
    /// <exception cref="VectorCollectionNotFoundException">There is none of that name.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    Task<IVectorCollection> GetCollectionAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Opens a collection, or makes it when there is none.</summary>
    /// <param name="name">The collection's name.</param>
    /// <param name="options">What it must be.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The collection.</returns>
    /// <remarks>Two callers at once get the same collection.</remarks>
    /// <exception cref="VectorCollectionMismatchException">There is one of that name with other dimensions, another metric or another
    /// index.</exception>
    /// <exception cref="VectorInputException">The name or an option is out of its range.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    Task<IVectorCollection> GetOrCreateCollectionAsync(
        string name,
        VectorCollectionOptions options,
        CancellationToken cancellationToken = default);

    /// <summary>Lists the names of all collections.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The names in ordinal order.</returns>
    /// <exception cref="DataVectorException">The store failed.</exception>
    Task<IReadOnlyList<string>> ListCollectionsAsync(CancellationToken cancellationToken = default);

    /// <summary>Deletes a collection with all its records.</summary>
    /// <param name="name">The collection's name.</param>
    /// <param name="cancellationToken">Cancels the wait; the collection may be gone all the same.</param>
    /// <returns>False when there was none.</returns>
    /// <exception cref="DataVectorException">The store failed.</exception>
    Task<bool> DeleteCollectionAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Proves that the store works: writes, finds, reads and deletes a probe record in a collection of its own.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Whether it works, how long each step took and, if it does not, which step failed and why.</returns>
    /// <remarks>Never throws for a store that does not work: the application may go on without it.</remarks>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<VectorStoreValidation> ValidateAsync(CancellationToken cancellationToken = default);
}
