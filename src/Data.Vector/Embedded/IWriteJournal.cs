namespace Data.Vector.Embedded;

/// <summary>Where a collection's writes are kept before they are applied.</summary>
internal interface IWriteJournal : IAsyncDisposable
{
    /// <summary>Keeps records that are written as a whole, all of them or none.</summary>
    /// <returns>A task that ends when the write is as safe as the mode promises.</returns>
    ValueTask PutAsync(IReadOnlyList<VectorRecord> records, CancellationToken cancellationToken);

    /// <summary>Keeps the deletion of records, all of them or none.</summary>
    /// <returns>A task that ends when the write is as safe as the mode promises.</returns>
    ValueTask DeleteAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken);
}
