namespace Data.Vector;

/// <summary>A store of vector collections: in process, in Chroma, or elsewhere.</summary>
/// <remarks>Safe for concurrent use; use one instance for the whole application.</remarks>
public interface IVectorStore
{
    /// <summary>Creates a collection.</summary>
    /// <param name="name">3 to 512 characters of <c>A-Z a-z 0-9 . _ -</c>, beginning and ending with a letter or digit.</param>
    /// <param name="options">Dimensions, metric and index; fixed for the lifetime of the collection.</param>
    /// <param name="cancellationToken">Cancels the wait; the collection may exist nevertheless.</param>
    /// <returns>The collection, empty.</returns>
    /// <exception cref="VectorCollectionExistsException">A collection of that name exists.</exception>
    /// <exception cref="VectorInputException">The name or an option is out of its range.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    Task<IVectorCollection> CreateCollectionAsync(
        string name,
        VectorCollectionOptions options,
        CancellationToken cancellationToken = default);

    /// <summary>Opens an existing collection.</summary>
    /// <param name="name">The collection's name.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The collection; embedded stores return the same instance every time.</returns>
    /// <exception cref="VectorCollectionNotFoundException">No collection has that name.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    Task<IVectorCollection> GetCollectionAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Opens a collection, or creates it when it does not exist.</summary>
    /// <param name="name">The collection's name.</param>
    /// <param name="options">Its dimensions, metric and index.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The collection.</returns>
    /// <remarks>Concurrent callers get the same collection.</remarks>
    /// <exception cref="VectorCollectionMismatchException">A collection of that name has other dimensions, another metric or another
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
    /// <param name="cancellationToken">Cancels the wait; the collection may be deleted nevertheless.</param>
    /// <returns>False when it did not exist.</returns>
    /// <exception cref="DataVectorException">The store failed.</exception>
    Task<bool> DeleteCollectionAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Checks that the store works: writes, finds, reads and deletes a probe record in a collection of its own.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Whether it works, how long each step took and, if it does not, which step failed and why.</returns>
    /// <remarks>Does not throw when the store does not work: the application can continue without it.</remarks>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<VectorStoreValidation> ValidateAsync(CancellationToken cancellationToken = default);
}
