namespace Data.Vector.Embedded;

/// <summary>The journal of a collection in memory; keeps nothing.</summary>
internal sealed class NullJournal : IWriteJournal
{
    public static readonly NullJournal Instance = new();

    public bool HasFailed => false;

    public ValueTask PutAsync(IReadOnlyList<VectorRecord> records, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask DeleteAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
