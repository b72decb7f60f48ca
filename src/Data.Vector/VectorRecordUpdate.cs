namespace Data.Vector;

/// <summary>A change to a record that exists: what is null or empty stays as it is.</summary>
/// <example><code>
/// await collection.UpdateAsync([new VectorRecordUpdate("doc-1") { Metadata = new() { ["year"] = 2025 } }]);
/// </code></example>
public sealed class VectorRecordUpdate
{
    /// <summary>Names the record to change.</summary>
    /// <param name="id">The id of a record that exists.</param>
    public VectorRecordUpdate(string id) => Id = id;

    /// <summary>The id of the record to change.</summary>
    public string Id { get; }

    /// <summary>
    /// The new vector; empty keeps the old one, unless a new text is given and an embedding generator is configured: then it is computed.
    /// </summary>
    public ReadOnlyMemory<float> Vector { get; init; }

    /// <summary>The new text; null keeps the old one.</summary>
    public string? Document { get; init; }

    /// <summary>The new metadata, which replaces the old as a whole; null keeps the old, an empty one removes it.</summary>
    public VectorMetadata? Metadata { get; init; }

    /// <summary>Returns the record as it is after the change.</summary>
    internal VectorRecord ApplyTo(VectorRecord old) => new(Id, Vector.IsEmpty ? old.Vector : Vector)
    {
        Document = Document ?? old.Document,
        Metadata = Metadata ?? old.Metadata,
    };
}
