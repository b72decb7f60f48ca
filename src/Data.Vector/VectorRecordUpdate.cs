namespace Data.Vector;

/// <summary>A change to an existing record; parts that are null or empty stay as they are.</summary>
/// <example><code>
/// var store = provider.GetRequiredService&lt;IVectorStore&gt;();
/// var articles = await store.GetCollectionAsync("articles", cancellationToken);
/// await articles.UpdateAsync([new VectorRecordUpdate("doc-1") { Metadata = new() { ["year"] = 2025 } }], cancellationToken);
/// </code></example>
public sealed class VectorRecordUpdate
{
    /// <summary>Creates a change to one record.</summary>
    /// <param name="id">The id of an existing record.</param>
    public VectorRecordUpdate(string id) => Id = id;

    /// <summary>The id of the record to change.</summary>
    public string Id { get; }

    /// <summary>
    /// The new vector; empty keeps the old one, unless there is a new text and an embedding generator: then it is computed.
    /// </summary>
    public ReadOnlyMemory<float> Vector { get; init; }

    /// <summary>The new text; null keeps the old one.</summary>
    public string? Document { get; init; }

    /// <summary>The new metadata, which replaces the old one as a whole; null keeps the old one, empty metadata removes it.</summary>
    public VectorMetadata? Metadata { get; init; }

    /// <summary>Returns the record as it is after the change.</summary>
    internal VectorRecord ApplyTo(VectorRecord old) => new(Id, Vector.IsEmpty ? old.Vector : Vector)
    {
        Document = Document ?? old.Document,
        Metadata = Metadata ?? old.Metadata,
    };
}
