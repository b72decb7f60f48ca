namespace Data.Vector;

/// <summary>A collection of records whose vectors have one length, and searches for the nearest of them.</summary>
/// <remarks>
/// Safe for concurrent use. Every search that begins after a write has returned sees it. A rejected write has written nothing. Of two
/// concurrent writes to one id either one wins; they are never mixed.
/// </remarks>
public interface IVectorCollection
{
    /// <summary>The collection's name.</summary>
    string Name { get; }

    /// <summary>Dimensions, metric and index of the collection.</summary>
    VectorCollectionOptions Options { get; }

    /// <summary>Adds records whose ids are new.</summary>
    /// <param name="records">The records; an empty list does nothing.</param>
    /// <param name="cancellationToken">Cancels the wait; records may be written nevertheless.</param>
    /// <returns>A task that ends when the records are acknowledged.</returns>
    /// <remarks>
    /// In process all records are added or none. Over HTTP each batch of the server's size is added as a whole or not at all, and earlier
    /// batches stay.
    /// </remarks>
    /// <exception cref="VectorRecordExistsException">Some ids exist already; nothing of the call (over HTTP: of the batch) was
    /// written.</exception>
    /// <exception cref="VectorInputException">A record is malformed; nothing was written.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    Task AddAsync(IReadOnlyList<VectorRecord> records, CancellationToken cancellationToken = default);

    /// <summary>Writes records; existing ones are replaced as a whole.</summary>
    /// <param name="records">The records; an empty list does nothing.</param>
    /// <param name="cancellationToken">Cancels the wait; records may be written nevertheless.</param>
    /// <returns>A task that ends when the records are acknowledged.</returns>
    /// <exception cref="VectorInputException">A record is malformed; nothing was written.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    Task UpsertAsync(IReadOnlyList<VectorRecord> records, CancellationToken cancellationToken = default);

    /// <summary>Changes parts of existing records.</summary>
    /// <param name="updates">The changes; an empty list does nothing.</param>
    /// <param name="cancellationToken">Cancels the wait; records may be changed nevertheless.</param>
    /// <returns>A task that ends when the changes are acknowledged.</returns>
    /// <exception cref="VectorRecordNotFoundException">Some ids are unknown; nothing was written.</exception>
    /// <exception cref="VectorInputException">A change is malformed; nothing was written.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    Task UpdateAsync(IReadOnlyList<VectorRecordUpdate> updates, CancellationToken cancellationToken = default);

    /// <summary>Deletes records by id.</summary>
    /// <param name="ids">The ids; unknown ones are ignored.</param>
    /// <param name="cancellationToken">Cancels the wait; records may be deleted nevertheless.</param>
    /// <returns>The number of records deleted.</returns>
    /// <exception cref="VectorInputException">An id is malformed; nothing was deleted.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    Task<int> DeleteAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken = default);

    /// <summary>Deletes the records that a filter accepts.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="cancellationToken">Cancels the wait; records may be deleted nevertheless.</param>
    /// <returns>The number of records deleted.</returns>
    /// <remarks>A record written during the call may remain.</remarks>
    /// <exception cref="VectorInputException">The filter is malformed; nothing was deleted.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    Task<int> DeleteAsync(VectorFilter filter, CancellationToken cancellationToken = default);

    /// <summary>Reads records by id.</summary>
    /// <param name="ids">The ids.</param>
    /// <param name="includeVectors">Whether the records carry their vectors.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The records that exist, in the order of <paramref name="ids"/>. Vectors are the values that were written.</returns>
    /// <exception cref="VectorInputException">An id is malformed.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    Task<IReadOnlyList<VectorRecord>> GetAsync(
        IReadOnlyList<string> ids,
        bool includeVectors = true,
        CancellationToken cancellationToken = default);

    /// <summary>Finds the records nearest to a vector or a text.</summary>
    /// <param name="request">The search.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>At most <see cref="VectorSearchRequest.Top"/> matches, the nearest first, equal distances in ordinal order of their ids;
    /// empty when nothing matches.</returns>
    /// <exception cref="VectorInputException">The request is malformed.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    ValueTask<IReadOnlyList<VectorMatch>> SearchAsync(VectorSearchRequest request, CancellationToken cancellationToken = default);

    /// <summary>Finds the records nearest to a vector or a text, and writes them to the caller's buffer.</summary>
    /// <param name="request">The search.</param>
    /// <param name="destination">Receives the matches; at least <see cref="VectorSearchRequest.Top"/> long. Owned by the caller.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The number of matches written, in the order of the other overload.</returns>
    /// <remarks>In process, a search by vector that does not include vectors completes synchronously and allocates nothing.</remarks>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    /// <exception cref="VectorInputException">The request is malformed.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    ValueTask<int> SearchAsync(VectorSearchRequest request, Memory<VectorMatch> destination, CancellationToken cancellationToken = default);

    /// <summary>Runs several searches.</summary>
    /// <param name="requests">The searches.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>One list of matches per request, in their order.</returns>
    /// <remarks>In process the searches run in parallel; over HTTP searches that differ in the vector only share a round trip.</remarks>
    /// <exception cref="VectorInputException">A request is malformed; no search was run.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    Task<IReadOnlyList<IReadOnlyList<VectorMatch>>> SearchBatchAsync(
        IReadOnlyList<VectorSearchRequest> requests,
        CancellationToken cancellationToken = default);

    /// <summary>Finds the records within a distance.</summary>
    /// <param name="request">The centre and the distance.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The matches, the nearest first, equal distances in ordinal order of their ids.</returns>
    /// <exception cref="VectorInputException">The request is malformed.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    Task<IReadOnlyList<VectorMatch>> SearchRangeAsync(VectorRangeRequest request, CancellationToken cancellationToken = default);

    /// <summary>Whether <see cref="HybridSearchAsync"/> works in this collection.</summary>
    /// <remarks>
    /// Collections in process support it unless they were created with <see cref="VectorTextIndex.None"/>; those of Chroma and Pinecone do
    /// not.
    /// </remarks>
    bool SupportsHybridSearch => false;

    /// <summary>Finds records by the words of their texts and by their vectors, and fuses the two rankings.</summary>
    /// <param name="request">The search.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>At most <see cref="HybridSearchRequest.Top"/> matches, the best first, equal scores in ordinal order of their ids; empty
    /// when nothing matches.</returns>
    /// <remarks>
    /// In process both parts see one version of the collection. The first search of a collection whose text index is
    /// <see cref="VectorTextIndex.OnDemand"/> waits until the index is built.
    /// </remarks>
    /// <exception cref="HybridSearchNotSupportedException">The collection has no hybrid search.</exception>
    /// <exception cref="VectorInputException">The request is malformed.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    Task<IReadOnlyList<HybridMatch>> HybridSearchAsync(
        HybridSearchRequest request, CancellationToken cancellationToken = default) =>
        throw new HybridSearchNotSupportedException(
            $"The store of collection '{Name}' ({GetType().Name}) has no hybrid search; use SearchAsync.");

    /// <summary>Counts records.</summary>
    /// <param name="filter">The filter that records must match; null counts all.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The number of records.</returns>
    /// <exception cref="VectorInputException">The filter is malformed.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    Task<long> CountAsync(VectorFilter? filter = null, CancellationToken cancellationToken = default);

    /// <summary>Streams records without holding all of them in memory.</summary>
    /// <param name="options">The records to return, and their parts; null returns everything.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <returns>The records in no particular order. A record that exists throughout is returned exactly once; one written or deleted
    /// meanwhile may be returned or not.</returns>
    /// <exception cref="VectorInputException">The filter is malformed.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    IAsyncEnumerable<VectorRecord> StreamAsync(VectorStreamOptions? options = null, CancellationToken cancellationToken = default);
}
