namespace Data.Vector;

/// <summary>A record of a collection: an id, a vector, and optionally a text and metadata.</summary>
/// <example><code>
/// float[] embedding = [0.1f, 0.2f, 0.3f];
/// var record = new VectorRecord("doc-1", embedding) { Document = "the text", Metadata = new() { ["year"] = 2024 } };
/// </code></example>
public sealed class VectorRecord
{
    /// <summary>Creates a record with its vector.</summary>
    /// <param name="id">The id, unique in its collection, 1 to 512 characters.</param>
    /// <param name="vector">The vector; as many finite values as the collection has dimensions. Not copied here: do not change it before
    /// the write has returned.</param>
    public VectorRecord(string id, ReadOnlyMemory<float> vector)
    {
        Id = id;
        Vector = vector;
    }

    /// <summary>Creates a record whose vector the store's embedding generator computes from the text.</summary>
    /// <param name="id">The id, unique in its collection, 1 to 512 characters.</param>
    /// <param name="document">The text to embed and store.</param>
    public VectorRecord(string id, string document)
    {
        Id = id;
        Document = document;
    }

    /// <summary>The id, unique in its collection.</summary>
    public string Id { get; }

    /// <summary>The vector; empty when the text is to be embedded, or when vectors were not requested.</summary>
    public ReadOnlyMemory<float> Vector { get; init; }

    /// <summary>The text; null when there is none.</summary>
    public string? Document { get; init; }

    /// <summary>The metadata; null means none.</summary>
    public VectorMetadata? Metadata { get; init; }

    /// <summary>Returns whether a filter accepts the record; null accepts every record.</summary>
    internal bool Matches(VectorFilter? filter) => filter?.Matches(Metadata ?? VectorMetadata.Empty, Document) != false;
}
