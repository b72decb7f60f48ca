namespace Data.Vector;

/// <summary>Records with vectors of one length, and the search for the nearest of them.</summary>
/// <remarks>
/// Safe for concurrent use. A write that has returned is seen by every search that begins later. A write that is refused has written
/// nothing. Of two writes to one id at once, either may win, but never a mixture of them.
/// </remarks>
public interface IVectorCollection
{
    /// <summary>The collection's name.</summary>
    string Name { get; }

    /// <summary>Dimensions, metric and index as the store has them.</summary>
    VectorCollectionOptions Options { get; }

    /// <summary>Adds records whose ids are new.</summary>
    /// <param name="records">The records; an empty list does nothing.</param>
    /// <param name="cancellationToken">Cancels the wait; records may be written all the same.</param>
    /// <returns>A task that ends when the records are acknowledged.</returns>
    /// <remarks>
    /// In process all records are added or none. Over HTTP each batch of the server's size is all or nothing, and an earlier batch stays.
    /// </remarks>
    /// <exception cref="VectorRecordExistsException">Some ids exist already; nothing of the call (over HTTP: of the batch) was
    /// written.</exception>
    /// <exception cref="VectorInputException">A record is malformed; nothing was written.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    Task AddAsync(IReadOnlyList<VectorRecord> records, CancellationToken cancellationToken = default);

    /// <summary>Writes records, replacing those whose ids exist as a whole.</summary>
    /// <param name="records">The records; an empty list does nothing.</param>
    /// <param name="cancellationToken">Cancels the wait; records may be written all the same.</param>
    /// <returns>A task that ends when the records are acknowledged.</returns>
    /// <exception cref="VectorInputException">A record is malformed; nothing was written.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    Task UpsertAsync(IReadOnlyList<VectorRecord> records, CancellationToken cancellationToken = default);

    /// <summary>Changes parts of records that exist.</summary>
    /// <param name="updates">The changes; an empty list does nothing.</param>
    /// <param name="cancellationToken">Cancels the wait; records may be changed all the same.</param>
    /// <returns>A task that ends when the changes are acknowledged.</returns>
    /// <exception cref="VectorRecordNotFoundException">Some ids are unknown; nothing was written.</exception>
    /// <exception cref="VectorInputException">A change is malformed; nothing was written.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    Task UpdateAsync(IReadOnlyList<VectorRecordUpdate> updates, CancellationToken cancellationToken = default);

    /// <summary>Deletes records by id.</summary>
    /// <param name="ids">The ids; unknown ones are no error.</param>
    /// <param name="cancellationToken">Cancels the wait; records may be gone all the same.</param>
    /// <returns>How many records there were.</returns>
    /// <exception cref="VectorInputException">An id is malformed; nothing was deleted.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    Task<int> DeleteAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken = default);

    /// <summary>Deletes the records that a filter accepts.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="cancellationToken">Cancels the wait; records may be gone all the same.</param>
    /// <returns>How many records were deleted.</returns>
    /// <remarks>A record written while the call runs may stay.</remarks>
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
    /// <param name="request">What to search for.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>At most <see cref="VectorSearchRequest.Top"/> matches, the nearest first, equal distances in ordinal order of their ids;
    /// empty when nothing passes.</returns>
    /// <exception cref="VectorInputException">The request is malformed.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    ValueTask<IReadOnlyList<VectorMatch>> SearchAsync(VectorSearchRequest request, CancellationToken cancellationToken = default);

    /// <summary>Finds the records nearest to a vector or a text, into the caller's buffer.</summary>
    /// <param name="request">What to search for.</param>
    /// <param name="destination">Receives the matches; at least <see cref="VectorSearchRequest.Top"/> long. Owned by the caller.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>How many matches were written, ordered as by the other overload.</returns>
    /// <remarks>In process, a search by vector that asks for no vectors completes synchronously and allocates nothing.</remarks>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    /// <exception cref="VectorInputException">The request is malformed.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    ValueTask<int> SearchAsync(VectorSearchRequest request, Memory<VectorMatch> destination, CancellationToken cancellationToken = default);

    /// <summary>Runs several searches.</summary>
    /// <param name="requests">The searches.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>One list of matches per request, in their order.</returns>
    /// <remarks>In process the searches run in parallel; over HTTP those that differ in the vector only share a round trip.</remarks>
    /// <exception cref="VectorInputException">A request is malformed; none was run.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    Task<IReadOnlyList<IReadOnlyList<VectorMatch>>> SearchBatchAsync(
        IReadOnlyList<VectorSearchRequest> requests,
        CancellationToken cancellationToken = default);

    /// <summary>Finds everything nearer than a distance.</summary>
    /// <param name="request">The centre and the distance.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The matches, the nearest first, equal distances in ordinal order of their ids.</returns>
    /// <exception cref="VectorInputException">The request is malformed.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    Task<IReadOnlyList<VectorMatch>> SearchRangeAsync(VectorRangeRequest request, CancellationToken cancellationToken = default);

    /// <summary>Counts records.</summary>
    /// <param name="filter">What they must fulfil; null counts all.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The number of records.</returns>
    /// <exception cref="VectorInputException">The filter is malformed.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    Task<long> CountAsync(VectorFilter? filter = null, CancellationToken cancellationToken = default);

    /// <summary>Streams all records, without holding them in memory at once.</summary>
    /// <param name="options">Which records and which parts of them; null means everything.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <returns>The records in no particular order. A record that exists from beginning to end comes exactly once; one written or deleted
    /// meanwhile may come or not.</returns>
    /// <exception cref="VectorInputException">The filter is malformed.</exception>
    /// <exception cref="DataVectorException">The store failed.</exception>
    IAsyncEnumerable<VectorRecord> StreamAsync(VectorStreamOptions? options = null, CancellationToken cancellationToken = default);
}
