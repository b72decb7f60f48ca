namespace Data.Vector.Embedded;

/// <summary>The journal that keeps the writes of a collection before they are applied.</summary>
internal interface IWriteJournal : IAsyncDisposable
{
    /// <summary>Whether a flush failed, after which nothing more is kept.</summary>
    bool HasFailed { get; }

    /// <summary>Keeps whole records, all of them or none.</summary>
    /// <returns>A task that ends when the write is as durable as the mode promises.</returns>
    ValueTask PutAsync(IReadOnlyList<VectorRecord> records, CancellationToken cancellationToken);

    /// <summary>Keeps the deletion of records, all of them or none.</summary>
    /// <returns>A task that ends when the write is as durable as the mode promises.</returns>
    ValueTask DeleteAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken);
}
